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
}
