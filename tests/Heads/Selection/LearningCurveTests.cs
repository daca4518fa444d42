namespace OnnxTransfer.Heads.Tests;

public class LearningCurveTests
{
    [Test]
    public void The_whole_is_the_plain_estimate([Values] bool given)
    {
        var (codes, truth) = Problems.Make(120, 8, 3, 6);
        var options = new HeadOptions { C = given ? 0.1 : null, Selection = new() { Folds = 4 } };
        var point = LearningCurve.Of(codes, truth, Problems.Names(3), [0.5, 1], options).Points[1];
        var plain = NestedEstimate.Of(codes, truth, Problems.Names(3), options);
        Assert.That(point.Fraction, Is.EqualTo(1));
        Assert.That(point.Images, Is.EqualTo(90));
        Assert.That(point.Estimate.Cs, Is.EqualTo(plain.Cs));
        Assert.That(point.Estimate.Evaluation.Confusion, Is.EqualTo(plain.Evaluation.Confusion));
        Assert.That(point.Estimate.Evaluation.LogLoss, Is.EqualTo(plain.Evaluation.LogLoss));
    }

    [Test]
    public void More_images_are_better_where_there_is_something_to_learn()
    {
        var (codes, truth) = Problems.Make(600, 20, 4, 6);
        var points = LearningCurve.Of(codes, truth, Problems.Names(4), [0.1, 0.3, 1], new() { C = 0.1 }).Points;
        Assert.That(points.Select(static of => of.Images), Is.EqualTo(new[] { 48.0, 144, 480 }).Within(3));
        Assert.That(points.Select(static of => of.Estimate.Evaluation.LogLoss!.Value.Value), Is.Ordered.Descending);
        Assert.That(points[2].Estimate.Evaluation.LogLoss!.Value.Interval.High, Is.LessThan(points[0].Estimate.Evaluation.LogLoss!.Value.Interval.Low));
    }

    [Test]
    public void A_share_that_is_none_is_refused()
    {
        var (codes, truth) = Problems.Make(30, 4, 2, 6);
        void Fails(double[] shares, string word) =>
            Sentences.Fails(FailureKind.Usage, () => LearningCurve.Of(codes, truth, Problems.Names(2), shares), word);
        Fails([], "[]");
        Fails([0.5, 0], "0.5, 0");
        Fails([1.1], "1.1");
        Fails([double.NaN], "NaN");
    }
}
