namespace OnnxTransfer.Heads.Tests;

public class SequentialRowsTests
{
    private const int Rows = 40;
    private const int Columns = 6;

    [Test]
    public void Epochs_are_the_row_steps_of_plain_loops([Values(2, 3, 5, 70)] int classes, [Values] bool isFree, [Values] bool rebased)
    {
        var (codes, truth) = Problems.Make(Rows + classes, Columns, classes, 9);
        var (count, c) = (Rows + classes, 0.8);
        var targets = new Targets(classes, truth, null, [.. Enumerable.Range(0, count).Select(static i => i % 7 == 6 ? 0 : 0.5 + (i % 3))]);
        var slabs = new RowSlabs(codes, (0, count));
        var basis = SpectralBasis.OfLengths(slabs, 1);
        int[] order = [.. Enumerable.Range(0, count).Reverse()];
        using var rows = new SequentialRows(slabs, targets, isFree, c, basis);
        var plain = new Plain(codes, targets, isFree ? 1 + basis.MeanSquare : 1, isFree, c);
        for (var epoch = 0; epoch < 4; epoch++)
        {
            if (rebased && epoch == 2)
            {
                // The scores so far are given: weights begin again at zero.
                rows.Rebase([.. Enumerable.Range(0, count * classes).Select(at => plain.Score(at / classes, at % classes))]);
            }

            var pairs = rows.Run(order);
            var (looked, violation) = plain.Run(order);
            Assert.That(pairs, Is.EqualTo(looked));
            Assert.That(rows.Violation, Is.EqualTo(violation).Within(1e-4));
            for (var i = 0; i < count; i++)
            {
                Assert.That(rows.Duals(i).ToArray(), Is.EqualTo(plain.Duals[i]).Within(1e-4));
            }

            for (var k = 0; k < classes; k++)
            {
                Assert.That(rows.Intercept(k), Is.EqualTo(plain.Intercept(k)).Within(1e-3));
            }
        }

        Assert.That(rows.Imbalance, Is.EqualTo(isFree ? Enumerable.Range(0, classes).Sum(k => Math.Abs(plain.Intercept(k) * plain.Sums[k])) : 0).Within(1e-2));
        for (var k = 0; k < classes && !rebased; k++)
        {
            Assert.That(rows.Weights(k).ToArray(), Is.EqualTo(plain.Weights[k]).Within(1e-4));
        }
    }

    [Test]
    public void Closed_classes_stay_and_rows_without_weight_are_never_open()
    {
        var (codes, truth) = Problems.Make(10, Columns, 3, 9);
        var slabs = new RowSlabs(codes, (0, 10));
        using var rows = new SequentialRows(
            slabs, new Targets(3, truth, null, [1, 1, 1, 1, 0, 1, 1, 1, 1, 1]), false, 1, SpectralBasis.OfLengths(slabs, 1));
        Assert.That((rows.IsOpen(3, 0), rows.IsOpen(3, 2), rows.IsOpen(4, 0)), Is.EqualTo((true, true, false)));
        for (var i = 0; i < 10; i++)
        {
            rows.Close(i);
        }

        rows.Open(4, 1);
        rows.Open(5, 1);
        Assert.That((rows.IsOpen(4, 1), rows.IsOpen(5, 1), rows.IsOpen(5, 0), rows.IsOpen(6, 1)), Is.EqualTo((false, true, false, false)));
        Assert.That((rows.Run([.. Enumerable.Range(0, 10)]), rows.Violation), Is.EqualTo((0L, 0.0)), "one class alone has nowhere to move to");
    }

    [Test]
    public void Classes_are_opened_and_closed_row_by_row_however_many_there_are()
    {
        var (codes, truth) = Problems.Make(140, Columns, 130, 9);
        var slabs = new RowSlabs(codes, (0, 140));
        using var rows = new SequentialRows(slabs, new Targets(130, truth), false, 1, SpectralBasis.OfLengths(slabs, 1));
        Assert.That((rows.IsOpen(139, 129), rows.IsOpen(0, 64)), Is.EqualTo((true, true)));
        rows.Close(1);
        var closed = Enumerable.Range(0, 140).SelectMany(i => Enumerable.Range(0, 130).Where(k => !rows.IsOpen(i, k)).Select(k => (i, k)));
        Assert.That(closed, Is.EqualTo(Enumerable.Range(0, 130).Select(static k => (1, k))));
        rows.Open(1, 128);
        rows.Open(1, 128);
        Assert.That(Enumerable.Range(0, 130).Where(k => rows.IsOpen(1, k)), Is.EqualTo(new[] { 128 }));
    }

    /// <summary>The steps of the remarks of <see cref="SequentialRows"/>, in float64.</summary>
    private sealed class Plain(CodeMatrix codes, Targets targets, double column, bool isFree, double c)
    {
        private readonly double[] fixedIntercepts = new double[targets.Classes];
        private readonly HashSet<(int, int)> closed = [];

        public double[][] Duals { get; } =
            [.. Enumerable.Range(0, targets.Rows).Select(i => Enumerable.Range(0, targets.Classes).Select(k => k == targets.Truth(i) ? c * targets.Weight(i) : 0).ToArray())];

        public double[][] Weights { get; } = [.. Enumerable.Range(0, targets.Classes).Select(_ => new double[codes.Columns])];

        public double[] Sums { get; } = new double[targets.Classes];

        public double Intercept(int k) => fixedIntercepts[k] + (column * Sums[k]);

        public double Score(int i, int k)
        {
            var score = 0.0;
            for (var d = 0; d < codes.Columns; d++)
            {
                score += Weights[k][d] * codes.Row(i)[d];
            }

            return score;
        }

        public (int Looked, double Violation) Run(int[] order)
        {
            var (looked, violation) = (0, 0.0);
            foreach (var i in order)
            {
                int[] open = [.. Enumerable.Range(0, targets.Classes).Where(k => targets.Weight(i) > 0 && !closed.Contains((i, k)))];
                if (open.Length < 2)
                {
                    continue;
                }

                looked += open.Length;
                var slopes = open.ToDictionary(static k => k, k => Score(i, k) + Intercept(k) + (k == targets.Truth(i) ? 0 : 1));
                var least = open.Where(k => Duals[i][k] > 0).Min(k => slopes[k]);
                if (slopes.Values.Max() <= least)
                {
                    continue;
                }

                violation = Math.Max(violation, slopes.Values.Max() - least);
                closed.UnionWith(open.Where(k => Duals[i][k] <= 0 && slopes[k] < least).Select(k => (i, k)));
                open = [.. open.Where(k => !closed.Contains((i, k)))];
                var norm = codes.Row(i).ToArray().Sum(static x => (double)x * x);
                var (weight, reach) = (c * targets.Weight(i), 1.6 / (norm + column));
                var wanted = open.Select(k => (Duals[i][k] + (reach * slopes[k])) / weight).ToArray();
                var threshold = Simplex.Threshold<double>(wanted);
                for (var j = 0; j < open.Length; j++)
                {
                    Move(i, open[j], weight * Math.Max(0, wanted[j] - threshold));
                }
            }

            for (var k = 0; isFree && k < targets.Classes; k++)
            {
                fixedIntercepts[k] += column * Sums[k];
            }

            return (looked, violation);
        }

        private void Move(int i, int k, double dual)
        {
            var step = dual - Duals[i][k];
            Duals[i][k] = dual;
            Sums[k] -= step;
            for (var d = 0; d < codes.Columns; d++)
            {
                Weights[k][d] -= step * codes.Row(i)[d];
            }
        }
    }
}
