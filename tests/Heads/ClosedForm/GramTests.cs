namespace OnnxTransfer.Heads.Tests;

public unsafe class GramTests
{
    [Test]
    public void The_squared_norm_is_that_of_all_products([Values(1, 7, 8, 9, 30)] int size, [Values(1, 5, 60)] int depth)
    {
        var random = new Random(size + depth);
        using var y = new AlignedBuffer<double>(size * depth);
        for (var i = 0; i < size * depth; i++)
        {
            y.Start[i] = random.NextDouble() - 0.5;
        }

        var expected = 0.0;
        for (var i = 0; i < size; i++)
        {
            for (var j = 0; j < size; j++)
            {
                var product = 0.0;
                for (var d = 0; d < depth; d++)
                {
                    product += y.Start[(i * depth) + d] * y.Start[(j * depth) + d];
                }

                expected += product * product;
            }
        }

        var found = Gram.SquaredNorm(y, size, depth, 1);
        Assert.That(found, Is.EqualTo(expected).Within(1e-10).Percent);
        Assert.That(Gram.SquaredNorm(y, size, depth, 3), Is.EqualTo(found));
    }
}
