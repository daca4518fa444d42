namespace OnnxTransfer.Heads.Tests;

public class PairProductTests
{
    [Test]
    public void The_product_over_pairs_is_the_one_of_plain_loops(
        [Values(1, 95, 97, 500)] int rows, [Values(1, 7, 8, 63, 64, 65, 129, 300)] int columns, [Values] bool isCoupled, [Values(0.03, 0.3)] double share)
    {
        const int Classes = 11;
        var (codes, _) = Problems.Make(rows, columns, 1, rows + columns);
        var slabs = new RowSlabs(new CodeView(codes) { Centre = columns % 2 == 0 ? Centre.Of(new CodeView(codes)) : null }, (0, rows));
        var random = new Random(rows);
        var curvatures = Enumerable.Range(0, rows * Classes).Select(_ => random.NextDouble() < share ? (float)random.NextDouble() : 0).ToArray();
        var direction = Enumerable.Range(0, Classes * (columns + 1)).Select(_ => random.NextDouble() - 0.5).ToArray();
        var pairs = new ActivePairs(slabs, Classes);
        pairs.Find(curvatures, isCoupled, [.. Enumerable.Repeat(1f, rows)], 0, 2);
        Assume.That(pairs.AreMany, Is.False);
        var found = new double[direction.Length];
        using var product = new PairProduct(slabs, Classes, 2);
        product.Run(direction, pairs, isCoupled, found);
        product.Run(direction, pairs, isCoupled, found);
        Assert.That(found, Is.EqualTo(Loops(slabs, curvatures, direction, Classes, isCoupled)).Within(2e-4 * Math.Sqrt(rows * columns)));
    }

    [Test]
    public void Bits_do_not_depend_on_threads()
    {
        var (codes, _) = Problems.Make(3000, 40, 1, 3);
        var slabs = new RowSlabs(codes, (0, 3000));
        var random = new Random(1);
        var curvatures = Enumerable.Range(0, 3000 * 6).Select(_ => random.NextDouble() < 0.2 ? (float)random.NextDouble() : 0).ToArray();
        var direction = Enumerable.Range(0, 6 * 41).Select(_ => random.NextDouble() - 0.5).ToArray();
        double[] On(int threads)
        {
            var pairs = new ActivePairs(slabs, 6);
            pairs.Find(curvatures, true, [.. Enumerable.Repeat(1f, 3000)], 0, threads);
            var found = new double[direction.Length];
            using var product = new PairProduct(slabs, 6, threads);
            product.Run(direction, pairs, true, found);
            return found;
        }

        Assert.That(On(1), Is.EqualTo(On(2)).And.EqualTo(On(5)));
    }

    private static double[] Loops(RowSlabs slabs, float[] curvatures, double[] direction, int classes, bool isCoupled)
    {
        var columns = slabs.Codes.Columns;
        var sums = new double[direction.Length];
        for (var i = 0; i < slabs.Codes.Rows; i++)
        {
            var code = Enumerable.Range(0, columns).Select(d => (double)slabs.Codes.Matrix.Row(i)[d] - (slabs.Codes.Centre?[d] ?? 0)).Append(1).ToArray();
            var c = curvatures[(i * classes)..((i + 1) * classes)];
            var scores = Enumerable.Range(0, classes).Select(k => code.Select((x, d) => x * direction[(k * (columns + 1)) + d]).Sum()).ToArray();

            // A class that is alone in its row has nothing to be told from, and so no curvature.
            var total = c.Sum(static value => (double)value);
            var mean = isCoupled && total > 0 ? c.Select((value, k) => value * scores[k]).Sum() / total : 0;
            for (var k = 0; k < classes; k++)
            {
                for (var d = 0; d <= columns; d++)
                {
                    sums[(k * (columns + 1)) + d] += c[k] * (scores[k] - mean) * code[d];
                }
            }
        }

        return sums;
    }
}
