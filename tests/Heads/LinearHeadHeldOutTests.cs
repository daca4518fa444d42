namespace OnnxTransfer.Heads.Tests;

public class LinearHeadHeldOutTests
{
    [Test]
    public void Scores_are_those_of_heads_that_have_not_seen_the_code()
    {
        // Labels by chance: a head that has seen a code is right about it, and one that has not is as good as a coin.
        var random = new Random(7);
        var codes = new CodeMatrix(Enumerable.Range(0, 80 * 200).Select(_ => random.NextSingle() - 0.5f).ToArray(), 80, 200);
        string[] labels = [.. Enumerable.Range(0, 80).Select(_ => random.Next(2) == 0 ? "a" : "b")];
        var head = LinearHead.Train(codes, labels, new HeadOptions { C = 10 });
        var scores = head.ScoresHeldOut(codes, labels);
        Assert.That(scores, Has.Length.EqualTo(160));
        var right = Enumerable.Range(0, 80).Count(row => scores[2 * row] > scores[(2 * row) + 1] == (labels[row] == "a"));
        Assert.That(head.Accuracy(codes, labels), Is.EqualTo(1));
        Assert.That(right, Is.InRange(20, 60));
    }

    [Test]
    public void They_agree_with_the_predictions_that_chose_C()
    {
        var random = new Random(8);
        string[] labels = [.. Enumerable.Range(0, 90).Select(static i => $"{i % 3}")];
        var codes = new CodeMatrix(labels.SelectMany(label => Enumerable.Range(0, 4).Select(k => random.NextSingle() + (label == $"{k}" ? 0.8f : 0))).ToArray(), 90, 4);
        var options = new HeadOptions { Seed = 3 };
        var head = LinearHead.Train(codes, labels, options);
        var scores = head.ScoresHeldOut(codes, labels, options);
        var apart = Enumerable.Range(0, 90).Count(row => Array.IndexOf(scores[(3 * row)..((3 * row) + 3)], scores[(3 * row)..((3 * row) + 3)].Max()) != head.Selection!.HeldOutPredictions[row]);
        Assert.That(apart, Is.LessThanOrEqualTo(2));
    }

    [Test]
    public void The_only_code_of_a_class_is_never_held_out()
    {
        var codes = new CodeMatrix(new float[] { 0, 1, 0, 1.1f, 1, 0, 1.1f, 0, 5, 5 }, 5, 2);
        var head = LinearHead.Train(codes, ["a", "a", "b", "b", "c"], new HeadOptions { C = 1 });
        var scores = head.ScoresHeldOut(codes, ["a", "a", "b", "b", "c"]);
        Assert.That(scores[..12], Is.All.Matches<double>(double.IsFinite));
        Assert.That(scores[12..], Is.All.NaN);
    }
}
