using CsCheck;

namespace OnnxTransfer.Heads.Tests;

public class SoftmaxLossTests
{
    private static readonly Gen<(double[] Scores, int Truth, double Weight)> Rows =
        Gen.Select(Gen.Double[-9, 9].Array[1, 35], Gen.Int[0, 34], Gen.Double[0.1, 5])
            .Select(static (scores, at, weight) => (scores, at % scores.Length, weight));

    [Test]
    public void Value_slope_and_curvature_are_those_of_the_probabilities() => Rows.Sample((scores, truth, weight) =>
    {
        var sum = scores.Sum(Math.Exp);
        var p = Array.ConvertAll(scores, s => Math.Exp(s) / sum);
        var loss = SoftmaxLoss.On(new Targets(scores.Length, [0, truth], null, [7, weight]));
        var (slopes, singles) = ((double[])scores.Clone(), Array.ConvertAll(scores, static s => (float)s));
        var (losses, losses32) = (new[] { 3.0 }, new double[1]);
        var (curvature, curvature32) = (new float[p.Length], new float[p.Length]);
        loss.Double(1, slopes, curvature, losses);
        loss.Single(1, singles, curvature32, losses32);
        Assert.That(losses[0] - 3, Is.EqualTo(-weight * Math.Log(p[truth])).Within(1e-12));
        Assert.That(losses32[0], Is.EqualTo(-weight * Math.Log(p[truth])).Within(1e-4));
        for (var k = 0; k < p.Length; k++)
        {
            var slope = weight * (p[k] - (k == truth ? 1 : 0));
            Assert.That(slopes[k], Is.EqualTo(slope).Within(1e-13));
            Assert.That(singles[k], Is.EqualTo(slope).Within(1e-5));
            Assert.That(curvature[k], Is.EqualTo(weight * p[k]).Within(1e-6));
            Assert.That(curvature32[k], Is.EqualTo(weight * p[k]).Within(1e-5));
        }
    });

    [TestCase(0, -60)]
    [TestCase(1000, 940)]
    [TestCase(-1000, -1060)]
    public void A_row_that_is_right_keeps_the_digits_of_its_loss_wherever_its_scores_are(double own, double other)
    {
        var (slopes, losses) = (new[] { own, other }, new double[1]);
        SoftmaxLoss.On(new Targets(2, [0])).Double(0, slopes, new float[2], losses);
        Assert.That(losses[0], Is.EqualTo(Math.Exp(-60)).Within(1e-10).Percent);
        Assert.That(slopes, Is.EqualTo(new[] { -Math.Exp(-60), Math.Exp(-60) }).Within(1e-10).Percent);
    }

    [Test]
    public void A_row_that_is_wrong_by_far_costs_its_margin()
    {
        var (slopes, losses) = (new[] { -1000.0, 1000 }, new double[1]);
        SoftmaxLoss.On(new Targets(2, [0])).Double(0, slopes, new float[2], losses);
        Assert.That((losses[0], slopes[0], slopes[1]), Is.EqualTo((2000.0, -1.0, 1.0)));
    }

    [TestCase(new[] { 0.0, 0 }, new[] { 0.5, 0.5 })]
    [TestCase(new[] { 1000.0, 1001, -1000 }, new[] { 0.2689414213699951, 0.7310585786300049, 0 })]
    [TestCase(new[] { -1001.0, -1000 }, new[] { 0.2689414213699951, 0.7310585786300049 })]
    public void Probabilities_are_the_same_wherever_scores_are(double[] scores, double[] probabilities)
    {
        SoftmaxLoss.Probabilities(scores);
        Assert.That(scores, Is.EqualTo(probabilities).Within(1e-12));
    }

    [TestCase(0, 0)]
    [TestCase(1e-300, 1e-300)]
    [TestCase(1e-10, 9.9999999995e-11)]
    [TestCase(0.1, 0.09531017980432487)]
    [TestCase(1, 0.6931471805599453)]
    public void The_logarithm_of_one_and_a_little_keeps_its_digits(double x, double logarithm) =>
        Assert.That(SoftmaxLoss.LogOnePlus(x), Is.EqualTo(logarithm).Within(1e-13).Percent);

    [Test]
    public void Balanced_probabilities_have_the_sums_of_rows_and_columns_whatever_the_weights() =>
        Gen.Select(Gen.Int[2, 5], Gen.Int[5, 20], Gen.Int[0, 10_000]).Sample((classes, rows, seed) =>
        {
            var random = new Random(seed);
            int[] truth = [.. Enumerable.Range(0, rows).Select(i => i % classes)];
            double[] weights = [.. truth.Select((_, i) => i % 4 == 3 ? 0 : 0.2 + random.NextDouble())];
            var q = weights.Select(w => Normalised([.. Enumerable.Range(0, classes).Select(_ => 0.01 + random.NextDouble())], w)).ToArray();
            var point = new DualPoint([.. q.SelectMany((row, i) => row.Select((x, k) => x - (k == truth[i] ? weights[i] : 0)))], new Targets(classes, truth, null, weights));
            SoftmaxLoss.Balance(point);

            // As published: columns scaled down, then the outer product of what rows and columns lack.
            var counts = Enumerable.Range(0, classes).Select(k => weights.Where((_, i) => truth[i] == k).Sum()).ToArray();
            var scaled = q.Select(row => row.Select((x, k) => x * Math.Min(1, counts[k] / q.Sum(of => of[k]))).ToArray()).ToArray();
            var rowLacks = scaled.Select((row, i) => weights[i] - row.Sum()).ToArray();
            var columnLacks = counts.Select((count, k) => count - scaled.Sum(row => row[k])).ToArray();
            for (var i = 0; i < rows; i++)
            {
                var balanced = scaled[i].Select((x, k) => x + (rowLacks[i] * columnLacks[k] / columnLacks.Sum()) - (k == truth[i] ? weights[i] : 0));
                Assert.That(point.Row(i).ToArray(), Is.EqualTo(balanced).Within(1e-12));
            }
        });

    [Test]
    public void Slopes_that_are_feasible_stay_and_those_below_their_range_are_brought_into_it()
    {
        var feasible = new DualPoint([-0.25, 0.25, 0.25, -0.25], new Targets(2, [0, 1]));
        SoftmaxLoss.Balance(feasible);
        Assert.That(feasible.Slopes, Is.EqualTo(new[] { -0.25, 0.25, 0.25, -0.25 }));
        var below = new DualPoint([-1.5, 0.5, 1, -1], new Targets(2, [0, 1]));
        SoftmaxLoss.Balance(below);
        Assert.That(below.Slopes, Is.EqualTo(new[] { -1.0, 1, 1, -1 }));
    }

    private static double[] Normalised(double[] values, double sum) => Array.ConvertAll(values, v => sum * v / values.Sum());
}
