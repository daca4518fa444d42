using CsCheck;

namespace OnnxTransfer.Heads.Tests;

public class DualValueTests
{
    private const int Classes = 3;
    private const int Rows = 8;
    private const double C = 0.7;

    private static readonly Gen<double[]> Numbers = Gen.Double[-3, 3].Array[Rows * Classes];

    // A row without weight, and one of weight 1.
    private static readonly double[] Weights = [0.5, 1, 0, 2, 1.5, 0.25, 3, 1];

    [Test]
    public void Slopes_at_scores_give_the_losses_less_slopes_times_scores(
        [Values(HeadLoss.Softmax, HeadLoss.Logistic, HeadLoss.Ridge, HeadLoss.Hinge, HeadLoss.CrammerSinger)] HeadLoss loss) => Numbers.Sample(scores =>
    {
        var function = LossFunction.Of(loss, Of(loss));
        var (slopes, losses) = ((double[])scores.Clone(), new double[Classes]);
        for (var i = 0; i < Rows; i++)
        {
            function.Double(i, slopes.AsSpan(i * Classes, Classes), new float[Classes], losses);
        }

        var equality = C * (losses.Sum() - VectorArithmetic.Dot(slopes, scores));
        Assert.That(function.DualValue(new DualPoint(slopes, function.Targets), new double[Classes], C), Is.EqualTo(equality).Within(1e-10));
    });

    [Test]
    public void The_squared_norms_come_off_times_half_of_C_squared(
        [Values(HeadLoss.Softmax, HeadLoss.Logistic, HeadLoss.Ridge, HeadLoss.Hinge, HeadLoss.CrammerSinger)] HeadLoss loss)
    {
        var function = LossFunction.Of(loss, Of(loss));
        var point = new DualPoint(new double[Rows * Classes], function.Targets);
        var none = function.DualValue(point, new double[Classes], C);
        Assert.That(function.DualValue(point, [1, 2, 4], C), Is.EqualTo(none - (0.5 * C * C * 7)).Within(1e-12));
    }

    [Test]
    public void Slopes_between_those_of_scores_have_their_hinges_value()
    {
        var hinge = LossFunction.Of(HeadLoss.Hinge, new Targets(2, [0, 1], null, [1, 2]));
        Assert.That(hinge.DualValue(new DualPoint([-0.25, 0.5, 1.5, -0.75], hinge.Targets), new double[2], 2), Is.EqualTo(6));
        var joint = LossFunction.Of(HeadLoss.CrammerSinger, hinge.Targets);
        Assert.That(joint.DualValue(new DualPoint([-0.25, 0.25, 1.5, -1.5], hinge.Targets), new double[2], 2), Is.EqualTo(3.5));
    }

    [Test]
    public void The_squared_hinges_is_the_best_on_the_ray_of_every_class() =>
        Gen.Select(Numbers, Gen.Double[0.1, 3].Array[Classes]).Sample((scores, norms) =>
        {
            var function = LossFunction.Of(HeadLoss.SquaredHinge, Of(HeadLoss.SquaredHinge));
            var slopes = (double[])scores.Clone();
            for (var i = 0; i < Rows; i++)
            {
                function.Double(i, slopes.AsSpan(i * Classes, Classes), new float[Classes], new double[Classes]);
            }

            var best = Enumerable.Range(0, Classes).Sum(k => Most(theta => (-0.5 * C * C * theta * theta * norms[k]) + (C * Enumerable.Range(0, Rows)
                .Where(static i => Weights[i] > 0)
                .Select(i => (Weight: Weights[i], A: theta * Math.Abs(slopes[(i * Classes) + k])))
                .Sum(static of => of.A - (of.A * of.A / (4 * of.Weight))))));
            Assert.That(function.DualValue(new DualPoint(slopes, function.Targets), norms, C), Is.EqualTo(best).Within(1e-6));
        });

    [Test]
    public void Where_every_hinge_is_closed_nothing_bends_and_nothing_is_gained()
    {
        var function = LossFunction.Of(HeadLoss.SquaredHinge, new Targets(2, [0, 1]));
        Assert.That(function.DualValue(new DualPoint(new double[4], function.Targets), new double[2], 1), Is.Zero);
    }

    /// <summary>One class per row, or for losses that can be of several: none, one, two or all.</summary>
    private static Targets Of(HeadLoss loss) => loss is HeadLoss.Softmax or HeadLoss.CrammerSinger
        ? new Targets(Classes, [0, 1, 2, 0, 1, 2, 0, 2], null, Weights)
        : new Targets(Classes, [0, 1, 2, 1, 2, 0, 2, 0, 1, 2], [0, 1, 2, 3, 3, 5, 7, 10, 10], Weights);

    /// <summary>The most of a concave function on 0 to 10, in thirds.</summary>
    private static double Most(Func<double, double> function)
    {
        var (low, high) = (0.0, 10.0);
        for (var i = 0; i < 50; i++)
        {
            var (left, right) = (low + ((high - low) / 3), high - ((high - low) / 3));
            (low, high) = function(left) < function(right) ? (left, high) : (low, right);
        }

        return function(low);
    }
}
