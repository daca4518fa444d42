namespace OnnxTransfer.Heads.Tests;

public class EvaluationTests
{
    [Test]
    public void Counts_by_truth_and_prediction()
    {
        var evaluation = Evaluation.Of(["a", "b", "c"], [0, 0, 1, 1, 1], [0, 1, 1, 1, 2]);
        Assert.That(evaluation.Confusion, Is.EqualTo(new[] { new[] { 1, 1, 0 }, [0, 2, 1], [0, 0, 0] }));
        Assert.That(evaluation.Images, Is.EqualTo(5));
        Assert.That(evaluation.Accuracy, Is.EqualTo(0.6));
        Assert.That(evaluation.AccuracyInterval, Is.EqualTo(Interval.Wilson(3, 5)));
        Assert.That(evaluation.PerClass[1], Is.EqualTo(new ClassEvaluation("b", 3, 2, 2.0 / 3, Interval.Wilson(2, 3))));
        Assert.That(evaluation.PerClass[2].Accuracy, Is.NaN);
    }

    [Test]
    public void What_cannot_be_counted_is_refused()
    {
        Sentences.Fails(FailureKind.Usage, () => Evaluation.Of(["a"], [0], []), "1 labels", "0 predictions");
        Sentences.Fails(FailureKind.Usage, () => Evaluation.Of(["a"], [0], [1]), "Image 0");
    }
}
