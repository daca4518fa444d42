using CsCheck;

namespace OnnxTransfer.Heads.Tests;

public class CrammerSingerLossTests
{
    // In eighths, which no sum rounds: what is as bad as another is so in either precision.
    private static readonly Gen<(double[] Scores, int Truth, double Weight)> Rows =
        Gen.Select(Gen.Int[-24, 24].Select(static i => i / 8.0).Array[2, 12], Gen.Int[0, 11], Gen.Double[0.1, 5])
            .Select(static (scores, at, weight) => (scores, at % scores.Length, weight));

    [Test]
    public void The_slope_is_of_the_class_that_is_worst() => Rows.Sample((scores, truth, weight) =>
    {
        var raised = scores.Select((s, k) => k == truth ? s : s + 1).ToArray();
        var expected = new double[scores.Length];
        expected[Array.IndexOf(raised, raised.Max())] += weight;
        expected[truth] -= weight;
        var (slopes, singles) = ((double[])scores.Clone(), Array.ConvertAll(scores, static s => (float)s));
        var (losses, losses32, curvature, curvature32) = (new[] { 2.0 }, new double[1], new float[scores.Length], new float[scores.Length]);
        Array.Fill(curvature, float.NaN);
        Array.Fill(curvature32, float.NaN);
        var loss = CrammerSingerLoss.On(new Targets(scores.Length, [0, truth], null, [7, weight]));
        loss.Double(1, slopes, curvature, losses);
        loss.Single(1, singles, curvature32, losses32);
        Assert.That(losses[0] - 2, Is.EqualTo(weight * (raised.Max() - scores[truth])).Within(1e-12));
        Assert.That(losses32[0], Is.EqualTo(losses[0] - 2).Within(1e-4));
        Assert.That(slopes, Is.EqualTo(expected));
        Assert.That(singles, Is.EqualTo(expected).Within(1e-6));
        Assert.That((float[])[.. curvature, .. curvature32], Is.All.Zero);
    });

    [Test]
    public void Of_classes_as_bad_as_each_other_the_first_has_the_slope()
    {
        double[] slopes = [0, 0, 1, 0];
        CrammerSingerLoss.On(new Targets(4, [2])).Double(0, slopes, new float[4], new double[1]);
        Assert.That(slopes, Is.EqualTo(new[] { 1.0, 0, -1, 0 }));
    }

    [Test]
    public void The_smoothed_value_is_the_most_over_the_simplex_and_the_slope_says_where(
        [Values(0.1, 1, 30)] double sigma) => Gen.Select(Rows, Gen.Double[0.01, 1].Array[12]).Sample((row, shares) =>
    {
        var (scores, truth, weight) = row;
        var (classes, all) = (scores.Length, shares[..scores.Length].Sum());
        var multipliers = new float[2 * classes];
        for (var k = 0; k < classes; k++)
        {
            multipliers[classes + k] = (float)(weight * ((shares[k] / all) - (k == truth ? 1 : 0)));
        }

        var start = Enumerable.Range(0, classes).Select(k => (multipliers[classes + k] / weight) + (k == truth ? 1 : 0)).ToArray();
        var margins = scores.Select((s, k) => k == truth ? 0 : s + 1 - scores[truth]).ToArray();
        var loss = CrammerSingerLoss.Smoothed(new Targets(classes, [0, truth], null, [7, weight]), multipliers, sigma);
        var (slopes, singles) = ((double[])scores.Clone(), Array.ConvertAll(scores, static s => (float)s));
        var (losses, losses32, curvature, curvature32) = (new[] { 2.0 }, new double[1], new float[classes], new float[classes]);
        loss.Double(1, slopes, curvature, losses);
        loss.Single(1, singles, curvature32, losses32);
        var p = slopes.Select((s, k) => (s / weight) + (k == truth ? 1 : 0)).ToArray();
        Assert.That(p.Sum(), Is.EqualTo(1).Within(1e-12));
        Assert.That(p, Is.All.GreaterThan(-1e-15));
        Assert.That(losses[0] - 2, Is.EqualTo(weight * Value(p)).Within(1e-10));
        Assert.That(losses32[0], Is.EqualTo(weight * Value(p)).Within(1e-3));
        Assert.That(singles, Is.EqualTo(slopes).Within(1e-3));

        // The slope of the value is the same wherever p may move, and no more where it is zero.
        var ascents = p.Select((x, k) => margins[k] - ((x - start[k]) / sigma)).ToArray();
        var most = ascents.Max();
        for (var k = 0; k < classes; k++)
        {
            Assert.That(p[k] <= 1e-12 || ascents[k] > most - 1e-9);
            Assert.That(curvature[k], Is.EqualTo(p[k] > 1e-12 ? weight * sigma : 0).Within(1e-4).Or.Matches((float _) => p[k] is > 0 and <= 1e-12));
            Assert.That(curvature32[k] > 0, Is.EqualTo(p[k] > 0).Or.Matches((bool _) => most - ascents[k] < 1e-3 && p[k] < 1e-3));
        }

        double Value(double[] at) => at.Select((x, k) => (x * margins[k]) - (Math.Pow(x - start[k], 2) / (2 * sigma))).Sum();
    });

    [Test]
    public void More_classes_than_fit_on_the_stack_are_smoothed_alike([Values(512, 513)] int classes)
    {
        var slopes = new double[classes];
        slopes[classes - 1] = 5;
        var loss = CrammerSingerLoss.Smoothed(new Targets(classes, [0]), new float[classes], 1);
        loss.Double(0, slopes, new float[classes], new double[1]);
        Assert.That((slopes[0], slopes[classes - 1], slopes.Sum()), Is.EqualTo((-1.0, 1.0, 0.0)));
    }

    [Test]
    public void A_row_of_no_weight_adds_nothing()
    {
        var (slopes, curvature, losses) = (new[] { 0.5, -2 }, new[] { 1f, 1 }, new[] { 1.0 });
        CrammerSingerLoss.Smoothed(new Targets(2, [0], null, [0]), new float[2], 3).Double(0, slopes, curvature, losses);
        Assert.That((slopes[0], slopes[1], curvature[0], curvature[1], losses[0]), Is.EqualTo((0.0, 0.0, 0f, 0f, 1.0)));
    }
}
