using CsCheck;

namespace OnnxTransfer.Heads.Tests;

public class OneVersusRestTests
{
    private const int Classes = 9;

    [Test]
    public void A_row_of_any_classes_has_the_value_slope_and_curvature_of_every_margin(
        [Values(HeadLoss.SquaredHinge, HeadLoss.Hinge, HeadLoss.Logistic, HeadLoss.Ridge)] HeadLoss loss) =>
        Gen.Select(Gen.Double[-3, 3].Array[Classes], Gen.Int[0, (1 << Classes) - 1], Gen.Double[0.1, 5]).Sample((scores, mask, weight) =>
        {
            // The row before is of every class, and what stands in the results is added to (losses) or replaced.
            int[] all = [.. Enumerable.Range(0, Classes)];
            int[] own = [.. all.Where(k => (mask >> k & 1) == 1)];
            var function = LossFunction.Of(loss, new Targets(Classes, [.. all, .. own], [0, Classes, Classes + own.Length], [7, weight]));
            var expected = all.Select(k => Margin(loss, own.Contains(k) ? scores[k] : -scores[k])).ToArray();
            var (slopes, singles) = ((double[])scores.Clone(), Array.ConvertAll(scores, static s => (float)s));
            var (losses, losses32) = (all.Select(static k => (double)k).ToArray(), new double[Classes]);
            var (curvature, curvature32) = (Unset(), Unset());
            function.Double(1, slopes, curvature, losses);
            function.Single(1, singles, curvature32, losses32);
            foreach (var k in all)
            {
                var (value, slope, bend) = expected[k];
                var sign = own.Contains(k) ? 1 : -1;
                Assert.That(losses[k] - k, Is.EqualTo(weight * value).Within(1e-12));
                Assert.That(slopes[k], Is.EqualTo(weight * sign * slope).Within(1e-13));
                Assert.That(curvature[k], Is.EqualTo(weight * bend).Within(1e-6 * weight));
                Assert.That(losses32[k], Is.EqualTo(weight * value).Within(1e-5 * weight));
                Assert.That(singles[k], Is.EqualTo(weight * sign * slope).Within(2e-6 * weight));
                Assert.That(curvature32[k], Is.EqualTo(weight * bend).Within(1e-5 * weight));
            }
        });

    [Test]
    public void At_a_margin_of_one_a_hinge_is_closed([Values(HeadLoss.SquaredHinge, HeadLoss.Hinge)] HeadLoss loss)
    {
        var (slopes, curvature, losses) = (new[] { 1.0, -1 }, Unset(), new double[2]);
        LossFunction.Of(loss, new Targets(2, [0])).Double(0, slopes, curvature, losses);
        Assert.That((slopes[0], slopes[1], losses.Sum(), curvature[0] + curvature[1]), Is.EqualTo((0.0, 0.0, 0.0, 0f)));
    }

    [Test]
    public void A_margin_far_on_the_right_side_keeps_the_digits_of_its_logistic_loss()
    {
        var (slopes, curvature, losses) = (new[] { 50.0, 50 }, new float[2], new double[2]);
        LossFunction.Of(HeadLoss.Logistic, new Targets(2, [0])).Double(0, slopes, curvature, losses);
        Assert.That(losses, Is.EqualTo(new[] { Math.Exp(-50), 50 }).Within(1e-10).Percent);
        Assert.That(slopes, Is.EqualTo(new[] { -Math.Exp(-50), 1 }).Within(1e-10).Percent);
        Assert.That(curvature, Is.EqualTo(new[] { (float)Math.Exp(-50), (float)Math.Exp(-50) }).Within(1e-4).Percent);
    }

    [TestCase(new[] { 2.0, 1, -1, -0.5 }, new[] { 1, 0.5, -1, -0.5 })]
    [TestCase(new[] { -4.0, 1, 0, 1 }, new[] { -2.0, 1, 0, 1 })]
    [TestCase(new[] { 3.0, -1, -2, 0 }, new[] { 3.0, -1, -2, 0 })]
    [TestCase(new[] { 3.0, 1, 2, 0 }, new[] { 0.0, 0, 0, 0 })]
    [TestCase(new[] { 0.0, 0, 0, 0 }, new[] { 0.0, 0, 0, 0 })]
    public void The_heavier_sign_of_a_column_is_scaled_to_the_lighter(double[] column, double[] balanced)
    {
        // A second column goes its own way.
        var point = new DualPoint([.. column.SelectMany(static x => new[] { x, 1 - x })], new Targets(2, new int[4]));
        OneVersusRest.Balance(point);
        Assert.That(Enumerable.Range(0, 4).Select(i => point.Row(i)[0]), Is.EqualTo(balanced).Within(1e-15));
        Assert.That(Enumerable.Range(0, 4).Sum(i => point.Row(i)[1]), Is.Zero.Within(1e-15));
    }

    private static float[] Unset() => [.. Enumerable.Repeat(float.NaN, Classes)];

    private static (double Value, double Slope, double Bend) Margin(HeadLoss loss, double m) => loss switch
    {
        HeadLoss.SquaredHinge => m < 1 ? ((1 - m) * (1 - m), -2 * (1 - m), 2) : (0, 0, 0),
        HeadLoss.Hinge => m < 1 ? (1 - m, -1, 0) : (0, 0, 0),
        HeadLoss.Logistic => (Math.Log(1 + Math.Exp(-m)), -1 / (1 + Math.Exp(m)), 1 / (1 + Math.Exp(m)) / (1 + Math.Exp(-m))),
        _ => (0.5 * (1 - m) * (1 - m), m - 1, 1),
    };
}
