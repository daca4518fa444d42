namespace OnnxTransfer.Heads.Tests;

public unsafe class CholeskyTests
{
    [Test]
    public void Solves_what_it_factored([Values(1, 2, 7, 8, 9, 50, 97)] int size, [Values(1, 5, 60)] int depth)
    {
        var random = new Random(size + depth);
        using var y = new AlignedBuffer<double>(size * depth);
        for (var i = 0; i < size * depth; i++)
        {
            y.Start[i] = random.NextDouble() - 0.5;
        }

        var wanted = Enumerable.Range(0, size).Select(_ => random.NextDouble() - 0.5).ToArray();
        var x = wanted.Select(value => 0.7 * value).ToArray();
        for (var i = 0; i < size; i++)
        {
            for (var j = 0; j < size; j++)
            {
                for (var d = 0; d < depth; d++)
                {
                    x[i] += 1.5 * y.Start[(i * depth) + d] * y.Start[(j * depth) + d] * wanted[j];
                }
            }
        }

        using var factor = Cholesky.Of(y, size, depth, 0.7, 1.5);
        factor!.Solve(x);
        Assert.That(x, Is.EqualTo(wanted).Within(1e-12));
    }

    [Test]
    public void Refuses_what_is_not_positive_definite()
    {
        using var y = new AlignedBuffer<double>(2);
        Assert.That(Cholesky.Of(y, 2, 1, -1, 1), Is.Null);
    }
}
