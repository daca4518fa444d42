namespace OnnxTransfer.Heads.Tests;

public unsafe class CodePassTests
{
    [Test]
    public void Products_are_those_of_plain_loops(
        [Values(1, 5, 6, 95, 97, 400)] int rows, [Values(1, 15, 16, 17, 300)] int columns, [Values(1, 2, 8, 9, 16, 25)] int classes)
    {
        var (codes, _) = Problems.Make(rows, columns, 1, rows + columns);
        var w = Weights(classes * (columns + 1));
        var (scores, gradient) = Loops(codes, w, classes);
        Assert.Multiple(() =>
        {
            var slabs = new RowSlabs(codes, (0, codes.Rows));
            Check<float>(slabs, w, classes, scores, gradient, 2e-5);
            Check<double>(slabs, w, classes, scores, gradient, 1e-12);
        });
    }

    [Test]
    public void Nothing_beside_the_codes_is_read([Values] bool atEnd, [Values] bool centred)
    {
        for (var columns = 1; columns <= 70; columns++)
        {
            var (rows, classes) = (1 + (columns * 37 % 101), 1 + (columns % 19));
            var (loose, _) = Problems.Make(rows, columns, 1, columns);
            using var memory = new GuardedBuffer<float>(rows * columns);
            using var weights = new GuardedBuffer<double>(classes * (columns + 1));
            memory.Put(loose.Values.Span, atEnd);
            weights.Put(Weights(classes * (columns + 1)), atEnd);
            var centre = centred ? Enumerable.Range(0, columns).Select(static d => d % 3 * 0.25f).ToArray() : null;
            var less = new CodeMatrix(Array.ConvertAll(
                Enumerable.Range(0, rows * columns).ToArray(), i => loose.Values.Span[i] - (centre?[i % columns] ?? 0)), rows, columns);
            var w = weights.GetSpan().ToArray();
            var (scores, gradient) = Loops(less, w, classes);
            var slabs = new RowSlabs(new CodeView(new CodeMatrix(memory.Memory, rows, columns)) { Centre = centre }, (0, rows));
            Check<float>(slabs, weights.GetSpan(), classes, scores, gradient, 2e-5);
            Check<double>(slabs, weights.GetSpan(), classes, scores, gradient, centred ? 1e-6 : 1e-12);
        }
    }

    [Test]
    public void The_bits_are_the_same_for_any_number_of_threads([Values] bool centred)
    {
        var (codes, _) = Problems.Make(700, 45, 1, 5);
        var slabs = new RowSlabs(new CodeView(codes) { Centre = centred ? new float[45] : null }, (0, 333), (340, 700));
        var w = Weights(7 * 46);
        var one = Gradient<float>(slabs, w, 1);
        var oneWide = Gradient<double>(slabs, w, 1);
        foreach (var threads in new[] { 2, 3, 5, 64 })
        {
            Assert.That(Bits.Difference<double>(one, Gradient<float>(slabs, w, threads)), Is.EqualTo(-1), $"{threads} threads");
            Assert.That(Bits.Difference<double>(oneWide, Gradient<double>(slabs, w, threads)), Is.EqualTo(-1), $"{threads} threads");
        }
    }

    [Test]
    public void Ranges_of_rows_are_the_only_ones_seen()
    {
        var (codes, _) = Problems.Make(500, 20, 1, 1);
        var seen = new int[500];
        using var pass = new CodePass<float>(new RowSlabs(codes, (10, 210), (300, 301)), 3, 2);
        pass.Run(new double[3 * 21], (_, first, rows, _, _) =>
        {
            for (var i = first; i < first + rows; i++)
            {
                Interlocked.Increment(ref seen[i]);
            }
        }, default);
        Assert.That(seen, Is.EqualTo(Enumerable.Range(0, 500).Select(static i => i is (>= 10 and < 210) or 300 ? 1 : 0)));
    }

    private static void Check<T>(RowSlabs slabs, ReadOnlySpan<double> w, int classes, double[] scores, double[] gradient, double tolerance)
        where T : unmanaged, System.Numerics.IFloatingPointIeee754<T>
    {
        var found = new double[scores.Length];
        var sums = new double[gradient.Length];
        using var pass = new CodePass<T>(slabs, classes, 2);
        for (var round = 0; round < 2; round++)
        {
            pass.Run(w, (_, first, rows, block, stride) =>
            {
                for (var i = 0; i < rows * classes; i++)
                {
                    found[(first * classes) + i] = double.CreateTruncating(block[(i / classes * stride) + (i % classes)]);
                }
            }, sums);
        }

        Assert.That(found, Is.EqualTo(scores).Within(tolerance * (1 + scores.Max(Math.Abs))));
        Assert.That(sums, Is.EqualTo(gradient).Within(tolerance * (1 + gradient.Max(Math.Abs))));
    }

    private static double[] Gradient<T>(RowSlabs slabs, double[] w, int threads) where T : unmanaged, System.Numerics.IFloatingPointIeee754<T>
    {
        var gradient = new double[w.Length];
        using var pass = new CodePass<T>(slabs, w.Length / (slabs.Codes.Columns + 1), threads);
        pass.Run(w, static (_, _, _, _, _) => { }, gradient);
        return gradient;
    }

    private static (double[] Scores, double[] Gradient) Loops(CodeMatrix codes, double[] w, int classes)
    {
        var width = codes.Columns + 1;
        var (scores, gradient) = (new double[codes.Rows * classes], new double[classes * width]);
        for (var i = 0; i < codes.Rows; i++)
        {
            for (var k = 0; k < classes; k++)
            {
                var sum = w[(k * width) + width - 1];
                for (var d = 0; d < codes.Columns; d++)
                {
                    sum += w[(k * width) + d] * codes.Row(i)[d];
                }

                scores[(i * classes) + k] = sum;
                for (var d = 0; d < width; d++)
                {
                    gradient[(k * width) + d] += sum * (d < codes.Columns ? codes.Row(i)[d] : 1);
                }
            }
        }

        return (scores, gradient);
    }

    private static double[] Weights(int count)
    {
        var random = new Random(count);
        return [.. Enumerable.Range(0, count).Select(_ => random.NextDouble() - 0.5)];
    }
}
