using OnnxTransfer.Engine;

namespace OnnxTransfer.Study.Tests;

public class RecommendationTests
{
    private const int Images = 400;

    [Test]
    public void The_cheapest_layer_that_is_shown_to_lose_at_most_a_point_is_taken()
    {
        // The first is 20 worse on the same images (p < 0.001), the second 2 (p = 0.5): (2 + root of 2) / 400 is 0.9 points.
        LayerScore[] scores = [Score("early", 10, 360), Score("middle", 40, 378), Score("late", 100, 380)];
        var found = Recommendation.Of(scores, new Budget(null, null));
        Assert.That(found.Score, Is.SameAs(scores[1]));
        Assert.That(found.Best, Is.SameAs(scores[2]));
        Assert.That(found.PValue, Is.EqualTo(0.5).Within(1e-12));
    }

    [Test]
    public void Where_little_can_be_told_the_deepest_layer_is_taken()
    {
        // 4 worse is not significant (p = 0.125), and (4 + 2) / 400 is more than a point; 1 better of 4 shows nothing.
        Assert.That(Recommendation.Of([Score("early", 10, 376), Score("late", 100, 380)], new Budget(null, null)).Score.Tap.Point.Name, Is.EqualTo("late"));
        var few = Score("early", 10, 3) with { HeldOut = [true, true, true, false] };
        var other = Score("late", 100, 2) with { HeldOut = [true, false, false, true] };
        var found = Recommendation.Choose([few, other]);
        Assert.That((found.Chosen, found.Best), Is.EqualTo((other, few)));
    }

    [Test]
    public void A_deepest_layer_that_is_significantly_worse_is_not_taken()
    {
        LayerScore[] scores = [Score("early", 10, 350), Score("middle", 40, 380), Score("late", 100, 360)];
        Assert.That(Recommendation.Of(scores, new Budget(null, null)), Is.EqualTo(new Recommendation(scores[1], scores[1], 1)));
    }

    [Test]
    public void The_best_is_taken_where_all_that_is_cheaper_is_worse()
    {
        LayerScore[] scores = [Score("early", 10, 150), Score("late", 100, 190)];
        var found = Recommendation.Of(scores, new Budget(null, null));
        Assert.That(found, Is.EqualTo(new Recommendation(scores[1], scores[1], 1)));
    }

    [Test]
    public void Of_layers_that_cost_the_same_the_shorter_code_is_taken()
    {
        LayerScore[] scores = [Score("layer", 10, 190, Pooling.Grid2), Score("layer", 10, 190)];
        Assert.That(Recommendation.Of(scores, new Budget(null, null)).Score, Is.SameAs(scores[1]));
    }

    [TestCase(50.0, null)]
    [TestCase(null, 0.05)]
    public void What_is_beyond_the_budget_is_not_there(double? milliseconds, double? megabytes)
    {
        LayerScore[] scores = [Score("early", 10, 150), Score("middle", 40, 160), Score("late", 100, 190)];
        var found = Recommendation.Of(scores, new Budget(milliseconds, megabytes));
        Assert.That(found.Best, Is.SameAs(scores[1]));
    }

    [Test]
    public void A_budget_that_nothing_fits_is_told_with_what_would() =>
        Sentences.Fails(FailureKind.Usage, () => Recommendation.Of([Score("early", 10, 150)], new Budget(5, null)), "(5 ms)", "10.0 ms", "0.010 MB", "--taps");

    [Test]
    public void A_layer_beyond_the_budget_that_is_better_has_the_p_value_of_that()
    {
        LayerScore[] scores = [Score("early", 10, 350), Score("middle", 40, 360), Score("late", 100, 390)];
        var best = Recommendation.Of(scores, new Budget(50, null)).Best;
        Assert.That(best, Is.SameAs(scores[1]));
        Assert.That(Recommendation.PValueOf(scores[2], best), Is.EqualTo(PairedTest.PValue(scores[2].HeldOut, best.HeldOut)).And.LessThan(0.001));
        Assert.That(Recommendation.PValueOf(best, best), Is.EqualTo(1));
    }

    [Test]
    public void A_cheaper_layer_that_is_as_accurate_by_chance_is_named()
    {
        // Of 400 images each is right on 20 that the other is not: (0 + root of 40) / 400 is 1.6 points.
        var late = Score("late", 100, 380);
        var early = Score("early", 10, 380) with { HeldOut = [.. late.HeldOut.Reverse()] };
        var found = Recommendation.Of([early, late], new Budget(null, null));
        Assert.That(found.Score, Is.SameAs(late));
        Assert.That(Recommendation.Unproved([early, Score("middle", 40, 379), late], found.Score), Is.SameAs(early));
        Assert.That(Recommendation.Unproved([Score("early", 10, 379), late], late), Is.Null);
    }

    private static LayerScore Score(string name, double percent, int right, Pooling pooling = Pooling.Average) => MadeUpScore.Of(name, percent, right, Images, pooling);
}
