using CsCheck;

namespace OnnxTransfer.Heads.Tests;

public class HingeLossTests
{
    private const int Classes = 5;

    [Test]
    public void The_smoothed_value_is_the_most_over_dual_variables_and_the_slope_says_which() =>
        Gen.Select(Gen.Double[-3, 3].Array[Classes], Gen.Double[0, 1].Array[Classes], Gen.Int[0, 31], Gen.Double[0.1, 4], Gen.Double[0.1, 5])
            .Sample((scores, last, mask, sigma, weight) =>
            {
                int[] own = [.. Enumerable.Range(0, Classes).Where(k => (mask >> k & 1) == 1)];
                var signs = Enumerable.Range(0, Classes).Select(k => own.Contains(k) ? 1.0 : -1).ToArray();
                var multipliers = new float[2 * Classes];
                for (var k = 0; k < Classes; k++)
                {
                    multipliers[Classes + k] = (float)(-signs[k] * weight * last[k]);
                }

                var loss = HingeLoss.Smoothed(new Targets(Classes, [0, .. own], [0, 1, 1 + own.Length], [1, weight]), multipliers, sigma);
                var (slopes, singles) = ((double[])scores.Clone(), Array.ConvertAll(scores, static s => (float)s));
                var (losses, losses32, curvature, curvature32) = (new double[Classes], new double[Classes], new float[Classes], new float[Classes]);
                Array.Fill(losses, 2);
                loss.Double(1, slopes, curvature, losses);
                loss.Single(1, singles, curvature32, losses32);
                for (var k = 0; k < Classes; k++)
                {
                    var (open, before) = (1 - (signs[k] * scores[k]), Math.Abs(multipliers[Classes + k]) / weight);
                    var free = before + (sigma * open);
                    var a = Math.Clamp(free, 0, 1);
                    var value = weight * ((a * open) - (Math.Pow(a - before, 2) / (2 * sigma)));
                    Assert.That(slopes[k], Is.EqualTo(-signs[k] * weight * a).Within(1e-12));
                    Assert.That(losses[k] - 2, Is.EqualTo(value).Within(1e-12));
                    Assert.That(curvature[k], Is.EqualTo(free is >= 0 and <= 1 ? weight * sigma : 0).Within(1e-5));
                    Assert.That(singles[k], Is.EqualTo(slopes[k]).Within(1e-4));
                    Assert.That(losses32[k], Is.EqualTo(value).Within(1e-4));
                    Assert.That(Math.Abs(curvature32[k] - curvature[k]) < 1e-5 || Math.Min(Math.Abs(free), Math.Abs(free - 1)) < 1e-5);
                }
            });

    [TestCase(1, 0, 3, Description = "nothing is clipped at 0")]
    [TestCase(0.5, 1, 3, Description = "nor at 1")]
    [TestCase(1.25, 0, 0, Description = "below 0 it is")]
    [TestCase(0.25, 1, 0, Description = "and above 1")]
    public void The_ends_of_the_range_bend(double score, double a, double bend)
    {
        var (slopes, curvature) = (new[] { score }, new float[1]);
        HingeLoss.Smoothed(new Targets(1, [0], null, [1.5]), [0], 2).Double(0, slopes, curvature, new double[1]);
        Assert.That((-slopes[0], curvature[0]), Is.EqualTo((1.5 * a, (float)bend)));
    }

    [Test]
    public void A_row_of_no_weight_adds_nothing()
    {
        var (slopes, curvature, losses) = (new[] { 0.5, -2 }, new[] { 1f, 1 }, new[] { 1.0, 1 });
        HingeLoss.Smoothed(new Targets(2, [0], null, [0]), new float[2], 3).Double(0, slopes, curvature, losses);
        Assert.That((slopes[0], slopes[1], curvature[0], curvature[1], losses[0], losses[1]), Is.EqualTo((0.0, 0.0, 0f, 0f, 1.0, 1.0)));
    }
}
