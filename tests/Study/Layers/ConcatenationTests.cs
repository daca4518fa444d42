using OnnxTransfer.Engine;
using OnnxTransfer.Heads;

namespace OnnxTransfer.Study.Tests;

public class ConcatenationTests
{
    private const int Images = 400;

    private static readonly Budget Free = new(null, null);

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

    [Test]
    public void What_pays_is_told_with_the_fit_that_takes_it_and_what_does_not_is_not()
    {
        var (best, other) = (Score("late", 16, 360), Score("early", 8, 350));
        Concatenation Joined(int right, double p) =>
            new(best, other, 0.1, new CCandidate(0.1, (double)right / Images, Interval.Wilson(right, Images)), p, p);
        var (pays, more, chance, worse) = (Joined(380, 0.001), Joined(384, 0.0004), Joined(390, 0.2), Joined(330, 0.001));

        Assert.That(Concatenation.Better([chance, pays, worse, more]), Is.SameAs(more));
        Assert.That(Concatenation.Better([chance, worse]), Is.Null);
        Assert.That(more.Taps.Key, Is.EqualTo("late|avg + early|avg"));
        Assert.That(Concatenation.Sentence([pays], Free), Does.StartWith("Joined: late|avg + early|avg, softmax has 95.0").And.EndWith("(p = 0.001 for 1 tried)."));
        Assert.That(Concatenation.Sentence([more], Free), Does.EndWith("(p < 0.001 for 1 tried)."));
        Assert.That(Concatenation.Sentence([chance], Free), Does.EndWith("does not pay: the one tried is not significantly better."));
        Assert.That(Concatenation.Sentence([], Free), Does.EndWith("to join the best with."));
        Assert.That(Concatenation.Sentence([], new Budget(2, null)), Does.EndWith("to join the best with within the budget."));
        Assert.That(Concatenation.Sentence([chance, worse], Free), Does.Contain("does not pay: none of the 2"));
    }

    private static LayerScore Score(string name, int stride, int right, Pooling pooling = Pooling.Average)
    {
        var score = MadeUpScore.Of(name, 10, right, Images, pooling);
        return score with { Tap = new Tap(score.Tap.Point with { Stride = stride }, pooling) };
    }
}
