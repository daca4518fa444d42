namespace OnnxTransfer.Heads.Tests;

public class DualGroupTests
{
    private const int Rows = 60;
    private const int Columns = 6;
    private const int Classes = 4;
    private const int Width = Columns + 1;
    private const double C = 0.8;

    private static readonly (CodeMatrix Codes, int[] Truth) Problem = Problems.Make(Rows, Columns, Classes, 13);
    private static readonly Targets Targets =
        new(Classes, Problem.Truth, null, [.. Enumerable.Range(0, Rows).Select(static i => i % 7 == 6 ? 0 : 0.5 + (i % 3))]);

    private static readonly RowSlabs Slabs = new(Problem.Codes, (0, Rows));
    private static readonly SpectralBasis Basis = SpectralBasis.OfLengths(Slabs, 1);

    [Test]
    public void Epochs_are_the_coordinate_steps_of_plain_loops([Values] bool isHinge, [Values] bool isFree, [Values(0, 1)] int first, [Values(1, 3)] int count)
    {
        var duals = new double[Rows * Classes];
        using var group = new DualGroup(Slabs, Targets, first, count, isHinge, isFree, C, Basis, duals);
        var plain = Enumerable.Range(first, count).Select(k => new Plain(k, isHinge, isFree)).ToArray();
        int[] order = [.. Enumerable.Range(0, Rows).Reverse()];
        var gains = new double[Classes];
        for (var epoch = 0; epoch < 6; epoch++)
        {
            var pairs = group.Run(order, gains);
            Assert.That(pairs, Is.EqualTo(plain.Sum(of => of.Run(order))));
            foreach (var of in plain)
            {
                Assert.That(gains[of.Class], Is.EqualTo(of.Gain).Within(1e-4 * (1 + of.Gain)));
                Assert.That(Enumerable.Range(0, Rows).Select(i => duals[(i * Classes) + of.Class]), Is.EqualTo(of.Duals).Within(1e-4));
            }
        }

        // The weights of other classes stay.
        var w = new double[Classes * Width];
        Array.Fill(w, 7);
        group.CopyWeights(w);
        for (var k = 0; k < Classes; k++)
        {
            var own = plain.SingleOrDefault(of => of.Class == k)?.Weights ?? [.. Enumerable.Repeat(7.0, Width)];
            Assert.That(w[(k * Width)..((k + 1) * Width)], Is.EqualTo(own).Within(1e-3));
        }

        Array.Fill(w, 7);
        group.CopyIntercepts(w);
        Assert.That(w.Count(static value => value != 7), Is.EqualTo(count));
    }

    [Test]
    public void A_start_at_dual_variables_goes_on_as_if_it_had_come_there([Values] bool isHinge, [Values] bool isFree)
    {
        var plain = new Plain(2, isHinge, isFree);
        int[] order = [.. Enumerable.Range(0, Rows)];
        plain.Run(order);
        var (duals, sums, gains) = (new double[Rows * Classes], new double[Classes * Width], new double[Classes]);
        for (var i = 0; i < Rows; i++)
        {
            duals[(i * Classes) + 2] = plain.Duals[i];
            VectorArithmetic.AddScaled(plain.Duals[i], Problem.Codes.Row(i), sums.AsSpan(2 * Width, Columns));
            sums[(2 * Width) + Columns] += plain.Duals[i];
        }

        var start = new double[Classes * Width];
        start[(2 * Width) + Columns] = 0.3;
        using var group = new DualGroup(Slabs, Targets, 1, 2, isHinge, isFree, C, Basis, duals);
        group.Begin(sums, start);
        group.Run(order, gains);
        plain.Begin(0.3);
        plain.Run(order);
        Assert.That(gains[2], Is.EqualTo(plain.Gain).Within(1e-4 * (1 + plain.Gain)));
        Assert.That(Enumerable.Range(0, Rows).Select(i => duals[(i * Classes) + 2]), Is.EqualTo(plain.Duals).Within(1e-4));
    }

    [Test]
    public void A_look_leaves_the_pairs_that_may_move_of_open_classes([Values] bool isHinge)
    {
        // The margins of a pair, in turn, are below, at and above 1; its dual variable is at 0, between, and at the upper bound.
        var (duals, scores) = (new double[Rows * Classes], new float[Rows * Classes]);
        var wanted = 0;
        for (var i = 0; i < Rows; i++)
        {
            for (var k = 0; k < Classes; k++)
            {
                var (sign, most) = (Targets.Truth(i) == k ? 1f : -1, C * Targets.Weight(i));
                var (place, side) = ((i + k) % 3, i / 3 % 3);
                duals[(i * Classes) + k] = sign * place * most / 2;
                scores[(i * Classes) + k] = sign * (0.5f + (side / 2f));
                var moves = place == 0 ? side == 0 : place == 1 || !isHinge || side == 2;
                wanted += k is 1 or 3 && most > 0 && moves ? 1 : 0;
            }
        }

        using var group = new DualGroup(Slabs, Targets, 1, 3, isHinge, isFree: false, C, Basis, duals);
        group.Look(0, Rows, scores, Classes, [true, true, false, true]);
        Assert.That(group.Run([.. Enumerable.Range(0, Rows)], new double[Classes]), Is.EqualTo(wanted));
    }

    [Test]
    public void Classes_of_other_groups_are_not_taken_for_its_own_however_far_they_are([Values(0, 2)] int first)
    {
        // What of the forty classes is beyond the group's might as well be one.
        var (codes, truth) = Problems.Make(80, Columns, 40, 13);
        var slabs = new RowSlabs(codes, (0, 80));
        double[] Duals(int[] labels)
        {
            var duals = new double[80 * 40];
            using var group = new DualGroup(slabs, new Targets(40, labels), first, 4, true, true, C, SpectralBasis.OfLengths(slabs, 1), duals);
            group.Run([.. Enumerable.Range(0, 80)], new double[40]);
            return duals;
        }

        Assert.That(Duals(truth), Is.EqualTo(Duals([.. truth.Select(k => k >= first && k < first + 4 ? k : 10)])));
    }

    /// <summary>Algorithm 3 of the article for one class, in float64.</summary>
    private sealed class Plain(int k, bool isHinge, bool isFree)
    {
        private readonly double column = isFree ? 1 + Basis.MeanSquare : 1;
        private readonly double[] w = new double[Columns];
        private readonly bool[] shrunk = new bool[Rows];
        private double sum, fixedIntercept;
        private (double Greatest, double Least) last = (double.PositiveInfinity, double.NegativeInfinity);

        public int Class => k;

        public double Gain { get; private set; }

        public double[] Duals { get; } = new double[Rows];

        public double Intercept => fixedIntercept + (isFree ? 0 : sum);

        public double[] Weights => [.. w, Intercept];

        public void Begin(double intercept)
        {
            // A free intercept is at first that of the start, whatever the dual variables sum to.
            (fixedIntercept, last) = (isFree ? intercept - (column * sum) : 0, (double.PositiveInfinity, double.NegativeInfinity));
            Array.Clear(shrunk);
        }

        public long Run(int[] order)
        {
            var (greatest, least, pairs) = (double.NegativeInfinity, double.PositiveInfinity, 0L);
            Gain = 0;
            foreach (var i in order.Where(i => Targets.Weight(i) > 0 && !shrunk[i]))
            {
                pairs++;
                var (t, code, most) = (Targets.Truth(i) == k ? 1 : -1, Problem.Codes.Row(i).ToArray(), isHinge ? C * Targets.Weight(i) : double.PositiveInfinity);
                var ridge = isHinge ? 0 : 0.5 / (C * Targets.Weight(i));
                var a = t * Duals[i];
                var slope = (t * (code.Select((x, d) => x * w[d]).Sum() + fixedIntercept + (column * sum))) - 1 + (ridge * a);
                shrunk[i] = (a <= 0 && slope > last.Greatest) || (a >= most && slope < last.Least);
                if (shrunk[i])
                {
                    continue;
                }

                var projected = a <= 0 ? Math.Min(slope, 0) : a >= most ? Math.Max(slope, 0) : slope;
                (greatest, least) = (Math.Max(greatest, projected), Math.Min(least, projected));
                var bend = code.Sum(static x => (double)x * x) + column + ridge;
                var step = Math.Clamp(a - (projected / bend), 0, most) - a;
                Gain -= (step * slope) + (0.5 * bend * step * step);
                Duals[i] += t * step;
                sum += t * step;
                for (var d = 0; d < Columns; d++)
                {
                    w[d] += t * step * code[d];
                }
            }

            last = (greatest > 0 ? greatest : double.PositiveInfinity, least < 0 ? least : double.NegativeInfinity);
            fixedIntercept += isFree ? column * sum : 0;
            return pairs;
        }
    }
}
