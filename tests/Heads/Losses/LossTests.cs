using CsCheck;

namespace OnnxTransfer.Heads.Tests;

public class LossTests
{
    private static readonly Gen<(double[] Scores, int Truth)> Rows =
        Gen.Select(Gen.Double[-20, 20].Array[2, 30], Gen.Int[0, 1]);

    [Test]
    public void Values_are_those_of_their_formulas([Minimised] HeadLoss loss) => Rows.Sample((scores, truth) =>
        Math.Abs(Value(loss, (double[])scores.Clone(), truth) - Problems.Loss(loss, scores, truth)) < 1e-9);

    [Test]
    public void Slopes_are_the_central_differences_of_the_value(
        [Values(HeadLoss.Softmax, HeadLoss.SquaredHinge, HeadLoss.Logistic, HeadLoss.Ridge)] HeadLoss loss) => Rows.Sample((scores, truth) =>
    {
        var slopes = (double[])scores.Clone();
        Value(loss, slopes, truth);
        return scores.Select((_, k) => Math.Abs(slopes[k] - Difference(loss, scores, truth, k)) < 1e-4).All(static near => near);
    });

    [Test]
    public void Slopes_are_subgradients([Minimised] HeadLoss loss) => Gen.Select(Rows, Gen.Double[-3, 3].Array[30]).Sample((row, moves) =>
    {
        var here = Evaluate(loss, row.Scores, row.Truth, 1);
        var there = row.Scores.Select((s, k) => s + moves[k]).ToArray();
        var slope = here.Slopes.Select((s, k) => s * moves[k]).Sum();
        return Problems.Loss(loss, there, row.Truth) >= here.Value + slope - 1e-9;
    });

    [Test]
    public void Weights_multiply_value_slope_and_curvature([Minimised] HeadLoss loss) =>
        Gen.Select(Rows, Gen.Double[0.1, 5]).Sample((row, weight) =>
        {
            var (one, many) = (Evaluate(loss, row.Scores, row.Truth, 1), Evaluate(loss, row.Scores, row.Truth, weight));
            return Near(many.Value, weight * one.Value)
                && many.Slopes.Select((s, k) => Near(s, weight * one.Slopes[k])).All(static near => near)
                && many.Curvature.Select((c, k) => Math.Abs(c - (weight * one.Curvature[k])) <= 1e-5 * weight).All(static near => near);
        });

    [Test]
    public void Curvature_times_a_direction_is_the_difference_of_the_slopes_along_it(
        [Values(HeadLoss.Softmax, HeadLoss.Logistic, HeadLoss.Ridge)] HeadLoss loss) =>
        Gen.Select(Rows, Gen.Double[-1, 1].Array[30]).Sample((row, directions) =>
        {
            var direction = directions[..row.Scores.Length];
            var curvature = Evaluate(loss, row.Scores, row.Truth, 1).Curvature;
            var (ahead, behind) = (Along(row.Scores, direction, 1e-5), Along(row.Scores, direction, -1e-5));
            Value(loss, ahead, row.Truth);
            Value(loss, behind, row.Truth);
            var product = Array.ConvertAll(direction, static d => (float)d);
            Curvature.Apply(product, curvature, loss == HeadLoss.Softmax);
            return product.Select((p, k) => Math.Abs(p - ((ahead[k] - behind[k]) / 2e-5)) < 1e-5).All(static near => near);
        });

    [Test]
    public void Smoothed_losses_touch_the_loss_at_their_multipliers_and_are_nowhere_above_it(
        [Values(HeadLoss.Hinge, HeadLoss.CrammerSinger)] HeadLoss loss) =>
        Gen.Select(Rows, Rows, Gen.Double[0.1, 10]).Sample((row, other, sigma) =>
        {
            var targets = new Targets(row.Scores.Length, [row.Truth]);
            var slopes = (double[])row.Scores.Clone();
            LossFunction.Of(loss, targets).Double(0, slopes, new float[slopes.Length], new double[slopes.Length]);
            var here = Smoothed(row.Scores);
            var there = Smoothed([.. row.Scores.Select((s, k) => s + other.Scores[k % other.Scores.Length])]);
            return Math.Abs(here.Value - Problems.Loss(loss, row.Scores, row.Truth)) < 1e-6
                && here.Slopes.Select((s, k) => Math.Abs(s - slopes[k]) < 1e-6).All(static near => near)
                && there.Value <= there.Exact + 1e-6;

            (double Value, double Exact, double[] Slopes) Smoothed(double[] scores)
            {
                var multipliers = Array.ConvertAll(slopes, static s => (float)s);
                var smooth = loss == HeadLoss.Hinge
                    ? HingeLoss.Smoothed(targets, multipliers, sigma)
                    : CrammerSingerLoss.Smoothed(targets, multipliers, sigma);
                var (found, losses) = ((double[])scores.Clone(), new double[scores.Length]);
                smooth.Double(0, found, new float[scores.Length], losses);
                return (losses.Sum(), Problems.Loss(loss, scores, row.Truth), found);
            }
        });

    [Test]
    public void Smoothed_slopes_are_the_central_differences_of_the_smoothed_value(
        [Values(HeadLoss.Hinge, HeadLoss.CrammerSinger)] HeadLoss loss, [Values(0.3, 4)] double sigma) => Rows.Sample((scores, truth) =>
    {
        var targets = new Targets(scores.Length, [truth]);
        var multipliers = new float[scores.Length];
        var smooth = loss == HeadLoss.Hinge ? HingeLoss.Smoothed(targets, multipliers, sigma) : CrammerSingerLoss.Smoothed(targets, multipliers, sigma);
        double At(double[] point, double[]? slopes = null)
        {
            var (copy, losses) = ((double[])point.Clone(), new double[point.Length]);
            smooth.Double(0, copy, new float[point.Length], losses);
            copy.CopyTo(slopes ?? copy, 0);
            return losses.Sum();
        }

        var found = new double[scores.Length];
        At(scores, found);
        return scores.Select((_, k) =>
        {
            var direction = new double[scores.Length];
            direction[k] = 1;
            var difference = (At(Along(scores, direction, 1e-5)) - At(Along(scores, direction, -1e-5))) / 2e-5;
            return Math.Abs(found[k] - difference) < 1e-4;
        }).All(static near => near);
    });

    [Test]
    public void Float32_and_float64_agree([Minimised] HeadLoss loss) => Rows.Sample((scores, truth) =>
    {
        var (single, slopes) = (Array.ConvertAll(scores, static s => (float)s), Array.ConvertAll(scores, static s => (double)(float)s));
        var losses = new double[scores.Length];
        LossFunction.Of(loss, new Targets(single.Length, [truth])).Single(0, single, new float[single.Length], losses);
        var value = Value(loss, slopes, truth);
        return Math.Abs(losses.Sum() - value) <= 1e-5 * (1 + value)
            && single.Select((s, k) => Math.Abs(s - slopes[k]) <= 1e-5 * (1 + Math.Abs(slopes[k]))).All(static near => near);
    });

    [Test]
    public void A_row_that_is_right_beyond_float32_keeps_the_digits_of_its_loss()
    {
        float[] scores = [0, -30];
        var losses = new double[1];
        LossFunction.Of(HeadLoss.Softmax, new Targets(2, [0])).Single(0, scores, new float[2], losses);
        Assert.That(losses[0], Is.EqualTo(Math.Exp(-30)).Within(1e-6).Percent.Or.EqualTo(Math.Exp(-30)).Within(1e-18));
        Assert.That(scores[0], Is.EqualTo(-(float)Math.Exp(-30)).Within(1e-18f));
    }

    [Test]
    public void Balanced_slopes_stay_feasible_however_far_they_were([Minimised] HeadLoss loss) =>
        Gen.Select(Gen.Int[2, 6], Gen.Int[6, 40], Gen.Int[0, 10_000]).Sample((classes, rows, seed) =>
        {
            var random = new Random(seed);
            var truth = Enumerable.Range(0, rows).Select(i => i % classes).ToArray();
            var function = LossFunction.Of(loss, new Targets(classes, truth));
            var point = new DualPoint(new double[rows * classes], function.Targets);
            for (var i = 0; i < rows; i++)
            {
                for (var k = 0; k < classes; k++)
                {
                    point.Row(i)[k] = 6 * (random.NextDouble() - 0.5);
                }

                function.Double(i, point.Row(i), new float[classes], new double[classes]);
            }

            function.Balance(point);
            for (var k = 0; k < classes; k++)
            {
                var column = Enumerable.Range(0, rows).Select(i => (Slope: point.Row(i)[k], IsTrue: truth[i] == k)).ToArray();
                Assert.That(column.Sum(static of => of.Slope), Is.EqualTo(0).Within(1e-12 * rows));
                Assert.That(loss == HeadLoss.Ridge || column.All(of => of.IsTrue ? of.Slope <= 1e-15 : of.Slope >= 0));
                Assert.That(loss is HeadLoss.SquaredHinge or HeadLoss.Ridge || column.All(static of => of.Slope is >= -1 - 1e-15 and <= 1));
            }

            for (var i = 0; loss is HeadLoss.Softmax or HeadLoss.CrammerSinger && i < rows; i++)
            {
                Assert.That(point.Row(i).ToArray().Sum(), Is.EqualTo(0).Within(1e-13));
            }
        });

    private static double Value(HeadLoss loss, double[] scoresToSlopes, int truth)
    {
        var losses = new double[scoresToSlopes.Length];
        LossFunction.Of(loss, new Targets(scoresToSlopes.Length, [truth])).Double(0, scoresToSlopes, new float[scoresToSlopes.Length], losses);
        return losses.Sum();
    }

    private static (double Value, double[] Slopes, float[] Curvature) Evaluate(HeadLoss loss, double[] scores, int truth, double weight)
    {
        var (slopes, losses, curvature) = ((double[])scores.Clone(), new double[scores.Length], new float[scores.Length]);
        LossFunction.Of(loss, new Targets(scores.Length, [truth], null, [weight])).Double(0, slopes, curvature, losses);
        return (losses.Sum(), slopes, curvature);
    }

    private static bool Near(double x, double y) => Math.Abs(x - y) <= 1e-9 * (1 + Math.Abs(y));

    private static double Difference(HeadLoss loss, double[] scores, int truth, int k)
    {
        var direction = new double[scores.Length];
        direction[k] = 1;
        return (Value(loss, Along(scores, direction, 1e-5), truth) - Value(loss, Along(scores, direction, -1e-5), truth)) / 2e-5;
    }

    private static double[] Along(double[] scores, double[] direction, double length) =>
        [.. scores.Select((s, k) => s + (length * direction[k]))];
}
