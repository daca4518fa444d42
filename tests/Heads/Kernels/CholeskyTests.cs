namespace OnnxTransfer.Heads.Tests;

public unsafe class CholeskyTests
{
    [Test]
    public void Solves_what_it_factored([Values(1, 2, 7, 8, 9, 50, 97)] int size, [Values(1, 5, 60)] int depth) =>
        Solve(size, depth, atEnd: true);

    [Test]
    public void Solves_every_size_next_to_memory_that_may_not_be_touched([Values] bool atEnd)
    {
        for (var size = 1; size <= 80; size++)
        {
            Solve(size, 1 + (size * 7 % 31), atEnd);
        }
    }

    [Test]
    public void Refuses_what_is_not_positive_definite()
    {
        using var y = new AlignedBuffer<double>(2);
        Assert.That(Cholesky<double>.Of(y, 2, 1, -1, 1), Is.Null);
    }

    [Test]
    public void Refuses_what_is_not_finite([Values(double.NaN, double.PositiveInfinity, 1e200)] double bad, [Values(0, 8, 19)] int row)
    {
        using var y = new AlignedBuffer<double>(20 * 3);
        y.Start[row * 3] = bad;
        Assert.That(Cholesky<double>.Of(y, 20, 3, 1, 1), Is.Null);
    }

    [Test]
    public void A_factor_of_float32_solves_to_its_rounding([Values(1, 15, 16, 17, 60)] int size)
    {
        var numbers = Bits.Numbers<float>(size * size, size);
        using var factor = Cholesky<float>.Of(size, (i, target) =>
        {
            for (var j = 0; j < i; j++)
            {
                target[j] = numbers[(i * size) + j];
            }

            target[i] = 2 * size;
        });
        var x = new float[size];
        for (var i = 0; i < size; i++)
        {
            x[i] = 2 * size;
            for (var j = 0; j < size; j++)
            {
                x[i] += i == j ? 0 : numbers[(Math.Max(i, j) * size) + Math.Min(i, j)];
            }
        }

        factor!.Solve(x);
        Assert.That(x, Is.All.EqualTo(1).Within(1e-4));
    }

    private static void Solve(int size, int depth, bool atEnd)
    {
        var y = Bits.Numbers<double>(size * depth, size + depth);
        var wanted = Bits.Numbers<double>(size, size);
        var x = wanted.Select(value => 0.7 * value).ToArray();
        for (var i = 0; i < size; i++)
        {
            for (var j = 0; j < size; j++)
            {
                for (var d = 0; d < depth; d++)
                {
                    x[i] += 1.5 * y[(i * depth) + d] * y[(j * depth) + d] * wanted[j];
                }
            }
        }

        using var left = new GuardedBuffer<double>(y.Length);
        using var right = new GuardedBuffer<double>(size);
        right.Put(x, atEnd);
        using var factor = Cholesky<double>.Of(left.Put(y, atEnd), size, depth, 0.7, 1.5);
        factor!.Solve(right.GetSpan());
        Assert.That(right.GetSpan().ToArray(), Is.EqualTo(wanted).Within(1e-12), $"size {size}, depth {depth}");
    }
}
