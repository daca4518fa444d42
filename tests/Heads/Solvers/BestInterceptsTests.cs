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
