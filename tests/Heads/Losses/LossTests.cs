using CsCheck;

namespace OnnxTransfer.Heads.Tests;

public class LossTests
{
    private static readonly Gen<(double[] Scores, int Truth)> Rows =
        Gen.Select(Gen.Double[-20, 20].Array[2, 30], Gen.Int[0, 1]);

    [Test]
    public void Slopes_are_the_central_differences_of_the_value([Minimised] HeadLoss loss) => Rows.Sample((scores, truth) =>
    {
        var slopes = (double[])scores.Clone();
        Value(loss, slopes, truth);
        return scores.Select((_, k) => Math.Abs(slopes[k] - Difference(loss, scores, truth, k)) < 1e-4).All(static near => near);
    });

    [Test]
    public void Curvature_times_a_direction_is_the_difference_of_the_slopes_along_it() =>
        Gen.Select(Rows, Gen.Double[-1, 1].Array[30]).Sample((row, directions) =>
        {
            var direction = directions[..row.Scores.Length];
            var functions = LossFunction.Of(HeadLoss.Softmax).Double;
            var curvature = new double[direction.Length];
            functions.Slope((double[])row.Scores.Clone(), row.Truth, curvature, new double[1]);
            var (ahead, behind) = (Along(row.Scores, direction, 1e-5), Along(row.Scores, direction, -1e-5));
            Value(HeadLoss.Softmax, ahead, row.Truth);
            Value(HeadLoss.Softmax, behind, row.Truth);
            var product = (double[])direction.Clone();
            functions.Curve(product, curvature);
            return product.Select((p, k) => Math.Abs(p - ((ahead[k] - behind[k]) / 2e-5)) < 1e-6).All(static near => near);
        });

    [Test]
    public void Float32_and_float64_agree([Minimised] HeadLoss loss) => Rows.Sample((scores, truth) =>
    {
        var (single, slopes) = (Array.ConvertAll(scores, static s => (float)s), Array.ConvertAll(scores, static s => (double)(float)s));
        var losses = new double[scores.Length];
        LossFunction.Of(loss).Single.Slope(single, truth, new float[single.Length], losses);
        var value = Value(loss, slopes, truth);
        return Math.Abs(losses.Sum() - value) <= 1e-5 * (1 + value)
            && single.Select((s, k) => Math.Abs(s - slopes[k]) <= 1e-5 * (1 + Math.Abs(slopes[k]))).All(static near => near);
    });

    [Test]
    public void A_row_that_is_right_beyond_float32_keeps_the_digits_of_its_loss()
    {
        float[] scores = [0, -30];
        var losses = new double[1];
        LossFunction.Of(HeadLoss.Softmax).Single.Slope(scores, 0, new float[2], losses);
        Assert.That(losses[0], Is.EqualTo(Math.Exp(-30)).Within(1e-6).Percent.Or.EqualTo(Math.Exp(-30)).Within(1e-18));
        Assert.That(scores[0], Is.EqualTo(-(float)Math.Exp(-30)).Within(1e-18f));
    }

    [Test]
    public void Balanced_slopes_stay_feasible_however_far_they_were([Minimised] HeadLoss loss) =>
        Gen.Select(Gen.Int[2, 6], Gen.Int[6, 40], Gen.Int[0, 10_000]).Sample((classes, rows, seed) =>
        {
            var random = new Random(seed);
            var truth = Enumerable.Range(0, rows).Select(i => i % classes).ToArray();
            var point = new DualPoint(new double[rows * classes], truth, classes);
            for (var i = 0; i < rows; i++)
            {
                for (var k = 0; k < classes; k++)
                {
                    point.Row(i)[k] = 6 * (random.NextDouble() - 0.5);
                }

                LossFunction.Of(loss).Double.Slope(point.Row(i), truth[i], new double[classes], new double[classes]);
            }

            LossFunction.Of(loss).Balance(point);
            for (var k = 0; k < classes; k++)
            {
                var column = Enumerable.Range(0, rows).Select(i => (Slope: point.Row(i)[k], IsTrue: truth[i] == k)).ToArray();
                Assert.That(column.Sum(static of => of.Slope), Is.EqualTo(0).Within(1e-12 * rows));
                Assert.That(column.All(of => of.IsTrue ? of.Slope <= 1e-15 : of.Slope >= 0));
                Assert.That(loss == HeadLoss.SquaredHinge || column.All(static of => of.Slope is >= -1 - 1e-15 and <= 1));
            }

            for (var i = 0; loss == HeadLoss.Softmax && i < rows; i++)
            {
                Assert.That(point.Row(i).ToArray().Sum(), Is.EqualTo(0).Within(1e-13));
            }
        });

    private static double Value(HeadLoss loss, double[] scoresToSlopes, int truth)
    {
        var losses = new double[scoresToSlopes.Length];
        LossFunction.Of(loss).Double.Slope(scoresToSlopes, truth, new double[scoresToSlopes.Length], losses);
        return losses.Sum();
    }

    private static double Difference(HeadLoss loss, double[] scores, int truth, int k)
    {
        var direction = new double[scores.Length];
        direction[k] = 1;
        return (Value(loss, Along(scores, direction, 1e-5), truth) - Value(loss, Along(scores, direction, -1e-5), truth)) / 2e-5;
    }

    private static double[] Along(double[] scores, double[] direction, double length) =>
        [.. scores.Select((s, k) => s + (length * direction[k]))];
}
