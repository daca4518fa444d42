using OnnxTransfer.Engine;

namespace OnnxTransfer.Study.Tests;

public class ConcatenationTests
{
    private const int Images = 400;

    [Test]
    public void Of_a_resolution_the_best_is_taken_and_never_the_bests_own_tensor()
    {
        var best = Score("late", 16, 380);
        LayerScore[] scores = [Score("block", 8, 376), Score("stage", 8, 378), best, Score("late", 16, 379, Pooling.Maximum)];
        Assert.That(Concatenation.Partners(scores, best), Is.EqualTo(new[] { scores[1] }));
    }

    [Test]
    public void The_C_that_are_tried_reach_from_the_best_layers_down_to_a_tenth_of_it()
    {
        Assert.That(Concatenation.Cs(0.01, null), Is.EqualTo(new[] { 0.001, 0.00316228, 0.01 }).Within(1e-8));
        Assert.That(Concatenation.Cs(0.1, [0.001, 0.01, 0.03, 0.1, 1]), Is.EqualTo(new[] { 0.01, 0.03, 0.1 }), "of those given");
    }

    private static LayerScore Score(string name, int stride, int right, Pooling pooling = Pooling.Average)
    {
        var score = MadeUpScore.Of(name, 10, right, Images, pooling);
        return score with { Tap = new Tap(score.Tap.Point with { Stride = stride }, pooling) };
    }
}
