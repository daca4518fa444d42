namespace OnnxTransfer.Heads.Tests;

public class DualCoordinatesTests
{
    [Test]
    [Category("Slow")]
    public void A_squared_hinge_of_too_many_pairs_is_solved_without_dual_variables()
    {
        const int Rows = 170_000, Classes = 100;
        Assert.That(DualCoordinates.CanSolve(HeadLoss.SquaredHinge, Rows, Classes), Is.False);
        Assert.That(DualCoordinates.CanSolve(HeadLoss.SquaredHinge, Rows / 2, Classes), Is.True);
        Assert.That(DualCoordinates.CanSolve(HeadLoss.Hinge, Rows, Classes), Is.True);
        var (codes, truth) = Problems.Make(Rows, 3, Classes, 1);
        var head = Problems.Train(codes, truth, new() { Loss = HeadLoss.SquaredHinge, C = 1e-4, RelativeGap = 1e-6 });
        Assert.That(head.Certificate.Converged, Is.True);
        Assert.That(head.Certificate.RelativeGap, Is.InRange(0, 1e-6));
    }

    [Test]
    public void The_optimum_is_found_to_the_last_digits(
        [Values(HeadLoss.Hinge, HeadLoss.SquaredHinge)] HeadLoss loss, [Values] bool penalizeIntercept, [Values(0.01, 1, 100)] double c, [Values] bool weighted)
    {
        var (codes, targets) = Make(120, 60, 4, weighted);
        using var dual = Of(codes, targets, loss, penalizeIntercept, c);
        dual.Descend(null, null, 0, 1000, default);
        dual.Settle<float>(0, 1000, default);
        dual.Settle<double>(0, 1000, default);
        var (objective, bound) = DualCertificate.Of<double>(
            Slabs(codes), LossFunction.Of(loss, targets), penalizeIntercept, c, dual.Weights, null, loss == HeadLoss.Hinge ? dual.Slopes() : null, 1, default);
        Assert.That(bound, Is.InRange(objective * (1 - 1e-8), objective * (1 + 1e-12)));
    }

    [Test]
    public void Dual_variables_are_within_bounds_and_weights_are_their_sums(
        [Values(HeadLoss.Hinge, HeadLoss.SquaredHinge)] HeadLoss loss, [Values(12, 300)] int rows, [Values(1e-3, 10)] double c)
    {
        // Three hundred rows in eight columns overlap: no support is solved, and what descent left must stand.
        var (codes, targets) = Make(rows, 8, 3, weighted: true);
        using var dual = Of(codes, targets, loss, penalizeIntercept: true, c);
        dual.Descend(null, null, 0, 1000, default);
        dual.Settle<float>(0, 1000, default);
        var (sums, slopes) = (new double[3 * 9], dual.Slopes());
        for (var i = 0; i < rows; i++)
        {
            for (var k = 0; k < 3; k++)
            {
                var slope = slopes[(i * 3) + k];
                var a = targets.Truth(i) == k ? -slope : slope;
                Assert.That(a, Is.InRange(0, loss == HeadLoss.Hinge ? targets.Weight(i) * (1 + 1e-6) : double.PositiveInfinity));
                VectorArithmetic.AddScaled(-c * slope, codes.Row(i), sums.AsSpan(k * 9, 8));
                sums[(k * 9) + 8] -= c * slope;
            }
        }

        Assert.That(dual.Weights, Is.EqualTo(sums).Within(1e-4 * (1 + sums.Max(Math.Abs))));
    }

    [Test]
    public void A_start_near_the_optimum_of_the_squared_hinge_saves_passes()
    {
        var (codes, targets) = Make(400, 300, 4, weighted: false);
        using var scratch = Of(codes, targets, HeadLoss.SquaredHinge, penalizeIntercept: false, 1);
        scratch.Descend(null, null, 0, 1000, default);
        scratch.Settle<float>(0, 1000, default);
        using var near = Of(codes, targets, HeadLoss.SquaredHinge, penalizeIntercept: false, 1);
        near.Descend([.. scratch.Weights], null, 0, 1000, default);
        near.Settle<float>(0, 1000, default);
        Assert.That(near.Passes, Is.LessThan(scratch.Passes / 2));
        Assert.That(near.Weights, Is.EqualTo(scratch.Weights).Within(1e-4));
    }

    [Test]
    public void However_classes_are_grouped_for_the_threads_the_bits_are_the_same([Values(HeadLoss.Hinge, HeadLoss.SquaredHinge)] HeadLoss loss)
    {
        // Forty classes are two groups for one thread.
        var (codes, targets) = Make(300, 20, 40, weighted: true);
        double[] Weights(int threads)
        {
            using var dual = Of(codes, targets, loss, penalizeIntercept: false, 0.1, threads);
            dual.Descend(null, null, 0, 1000, default);
            dual.Settle<float>(0, 1000, default);
            return dual.Weights;
        }

        var one = Weights(1);
        Assert.That(Weights(3), Is.EqualTo(one));
        Assert.That(Weights(7), Is.EqualTo(one));
    }

    [Test]
    public void Along_rising_C_what_counts_as_reached_is_within_the_gap(
        [Values] bool penalizeIntercept, [Values] bool weighted)
    {
        var (codes, targets) = Make(120, 60, 4, weighted);
        using var dual = Of(codes, targets, HeadLoss.Hinge, penalizeIntercept, 1);
        var reached = 0;
        foreach (var c in new[] { 1e-3, 0.01, 0.1, 1, 10 })
        {
            if (!dual.MoveTo(c, 1e-3, 1000, default))
            {
                continue;
            }

            reached++;
            var (objective, bound) = DualCertificate.Of<double>(
                Slabs(codes), LossFunction.Of(HeadLoss.Hinge, targets), penalizeIntercept, c, dual.Weights, null, dual.Slopes(), 1, default);
            Assert.That(bound, Is.InRange(objective * (1 - 1e-3), objective * (1 + 1e-6)));
        }

        Assert.That(reached, Is.AtLeast(2));
    }

    [Test]
    public void No_more_passes_are_made_than_allowed()
    {
        var (codes, targets) = Make(200, 20, 3, weighted: false);
        using var dual = Of(codes, targets, HeadLoss.Hinge, penalizeIntercept: false, 1);
        dual.Descend(null, null, 0, 2, default);
        dual.Settle<float>(0, 2, default);
        Assert.That(dual.Passes, Is.InRange(1, 3));
    }

    [Test]
    public void A_cancelled_descent_ends()
    {
        var (codes, targets) = Make(200, 20, 3, weighted: false);
        using var dual = Of(codes, targets, HeadLoss.Hinge, penalizeIntercept: false, 1);
        Assert.That(() => dual.Descend(null, null, 0, 1000, new(canceled: true)), Throws.InstanceOf<OperationCanceledException>());
    }

    private static (CodeMatrix Codes, Targets Targets) Make(int rows, int columns, int classes, bool weighted)
    {
        var (codes, truth) = Problems.Make(rows, columns, classes, 7);
        var weights = weighted ? Enumerable.Range(0, rows).Select(static i => i % 9 == 8 ? 0 : 0.5 + (i % 3)).ToArray() : null;
        return (codes, new Targets(classes, truth, null, weights));
    }

    private static RowSlabs Slabs(CodeMatrix codes) => new(codes, (0, codes.Rows));

    private static DualCoordinates Of(CodeMatrix codes, Targets targets, HeadLoss loss, bool penalizeIntercept, double c, int threads = 2)
    {
        var slabs = Slabs(codes);
        return new DualCoordinates(slabs, slabs, targets, loss, penalizeIntercept, c, SpectralBasis.Of(slabs, 1, default), threads);
    }
}
