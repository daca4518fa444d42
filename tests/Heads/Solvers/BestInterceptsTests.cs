namespace OnnxTransfer.Heads.Tests;

public class BestInterceptsTests
{
    [Test]
    public void Curvatures_that_are_made_again_are_those_that_were_kept([Values(HeadLoss.Softmax, HeadLoss.Logistic, HeadLoss.SquaredHinge)] HeadLoss kind)
    {
        var (codes, truth) = Problems.Make(700, 5, 5, 3);
        var scores = Array.ConvertAll(codes.Values.ToArray(), static value => (double)value);
        var loss = LossFunction.Of(kind, new Targets(5, truth));
        var kept = BestIntercepts.Of(scores, loss, 2, default);
        Assert.That(kept, Has.Some.Not.Zero);
        Assert.That(BestIntercepts.Of(scores, loss, 2, default, mostKept: 0), Is.EqualTo(kept));
    }

    [Test]
    public void At_the_best_intercepts_every_column_of_slopes_sums_to_zero(
        [Values(HeadLoss.Softmax, HeadLoss.Logistic, HeadLoss.SquaredHinge, HeadLoss.Ridge)] HeadLoss kind, [Values(1, 7)] double length)
    {
        // Three pieces of rows, the last of them short, and rows without weight.
        var (codes, truth) = Problems.Make(530, 5, 5, 3);
        var scores = Array.ConvertAll(codes.Values.ToArray(), value => length * (value - 1));
        var loss = LossFunction.Of(kind, new Targets(5, truth, null, [.. truth.Select(static (_, i) => i % 5 == 4 ? 0 : 0.5 + (i % 3))]));
        var shifts = BestIntercepts.Of(scores, loss, 1, default);
        var (sums, row) = (new double[5], new double[5]);
        for (var i = 0; i < 530; i++)
        {
            scores.AsSpan(i * 5, 5).CopyTo(row);
            VectorArithmetic.AddScaled(1, shifts, row);
            loss.Double(i, row, new float[5], new double[5]);
            VectorArithmetic.AddScaled(1, row, sums);
        }

        Assert.That(sums, Is.EqualTo(new double[5]).Within(530 * 1e-11));
        Assert.That(BestIntercepts.Of(scores, loss, 3, default), Is.EqualTo(shifts));
    }

    [Test]
    public void Few_passes_find_them([Values(HeadLoss.Softmax, HeadLoss.Logistic, HeadLoss.Ridge)] HeadLoss kind)
    {
        var (codes, truth) = Problems.Make(300, 5, 5, 3);
        var loss = LossFunction.Of(kind, new Targets(5, truth));
        var rows = 0;
        var counted = loss with { Double = (row, scores, curvature, losses) => { Interlocked.Increment(ref rows); loss.Double(row, scores, curvature, losses); } };
        BestIntercepts.Of(Array.ConvertAll(codes.Values.ToArray(), static value => (double)value), counted, 1, default, mostKept: 0);
        Assert.That(rows / 300, Is.InRange(2, 14));
    }

    [Test]
    public void A_cancelled_solve_ends() => Assert.That(
        () => BestIntercepts.Of(new double[4], LossFunction.Of(HeadLoss.Logistic, new Targets(2, [0, 0])), 1, new(canceled: true)),
        Throws.InstanceOf<OperationCanceledException>());

    [Test]
    public void A_loss_that_bends_nowhere_near_zero_is_balanced_all_the_same([Values(1.0, 1e3, 1e6)] double sigma)
    {
        // Every score is 0 and every hinge open: the smoothed loss is linear there, and its optimum lies at 1 or -1.
        var targets = new Targets(3, [0, 1, 2, 0, 0, 0, 0, 0, 1, 0]);
        var scores = new double[30];
        var loss = HingeLoss.Smoothed(targets, new float[30], sigma);
        var shifts = BestIntercepts.Of(scores, loss, 1, default);
        Assert.That(shifts, Is.EqualTo(new[] { 1.0, -1, -1 }).Within(1.5 / sigma));
        var (sums, row) = (new double[3], new double[3]);
        for (var i = 0; i < 10; i++)
        {
            shifts.CopyTo(row, 0);
            loss.Double(i, row, new float[3], new double[3]);
            VectorArithmetic.AddScaled(1, row, sums);
        }

        Assert.That(sums, Is.EqualTo(new double[3]).Within(1e-8));
    }
}
