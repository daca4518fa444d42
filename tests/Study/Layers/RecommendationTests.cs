using OnnxTransfer.Engine;

namespace OnnxTransfer.Study.Tests;

public class RecommendationTests
{
    private const int Images = 400;

    [Test]
    public void The_cheapest_layer_that_is_not_significantly_worse_than_the_best_is_taken()
    {
        // On the same images the first is 20 worse (p < 0.001), the second 5 (p = 1/16).
        LayerScore[] scores = [Score("early", 10, 360), Score("middle", 40, 375), Score("late", 100, 380)];
        var found = Recommendation.Of(scores, new Budget(null, null));
        Assert.That(found, Is.EqualTo(new LayerChoice<LayerScore>(scores[1], scores[2], found.PValue, null)));
        Assert.That(found.PValue, Is.EqualTo(1.0 / 16).Within(1e-12));
    }

    [Test]
    public void A_dearer_layer_than_the_best_is_never_taken()
    {
        LayerScore[] scores = [Score("early", 10, 350), Score("middle", 40, 380), Score("late", 100, 379)];
        Assert.That(Recommendation.Of(scores, new Budget(null, null)), Is.EqualTo(new LayerChoice<LayerScore>(scores[1], scores[1], 1, null)));
    }

    [Test]
    public void Where_the_images_are_too_few_to_tell_the_best_is_taken_and_the_cheaper_layer_named()
    {
        // 4 right of the one and 2 of the other are no proof of anything (p = 0.69): (2 + root of 6) / 20 is 22 points.
        var early = Score("early", 10, 12) with { HeldOut = Few("11111111110000000011") };
        var late = Score("late", 100, 14) with { HeldOut = Few("11111111111111000000") };
        var found = Recommendation.Choose([early, late]);
        Assert.That(found, Is.EqualTo(new LayerChoice<LayerScore>(late, late, 1, early)));
        Assert.That(
            found.WhyNoneCheaper(static layer => layer.Tap.Point.Name),
            Is.EqualTo("early is cheaper and not significantly worse (p = 0.688), but 20 images cannot rule out that it loses more than 5 points"));
        Assert.That((found with { Unproved = null }).WhyNoneCheaper(static layer => layer.Tap.Point.Name), Is.EqualTo("every cheaper layer is significantly worse"));
    }

    [TestCase(100, 3, "early")]
    [TestCase(100, 4, "late")]
    [TestCase(400, 4, "early")]
    public void The_images_must_rule_out_a_loss_of_five_points_within_a_standard_error(int images, int worse, string taken)
    {
        // Neither 3 nor 4 images of difference are significant; the losses are at most (3 + root of 3), (4 + 2) and (4 + 2) / 4 points.
        LayerScore[] scores = [MadeUpScore.Of("early", 10, images - worse, images), MadeUpScore.Of("late", 100, images, images)];
        Assert.That(Recommendation.Choose(scores).Chosen.Tap.Point.Name, Is.EqualTo(taken));
    }

    [Test]
    public void The_best_is_taken_where_all_that_is_cheaper_is_worse()
    {
        LayerScore[] scores = [Score("early", 10, 150), Score("late", 100, 190)];
        var found = Recommendation.Of(scores, new Budget(null, null));
        Assert.That(found, Is.EqualTo(new LayerChoice<LayerScore>(scores[1], scores[1], 1, null)));
    }

    [Test]
    public void Of_layers_that_cost_the_same_the_shorter_code_is_taken()
    {
        LayerScore[] scores = [Score("layer", 10, 190, Pooling.Grid2), Score("layer", 10, 190)];
        Assert.That(Recommendation.Of(scores, new Budget(null, null)).Chosen, Is.SameAs(scores[1]));
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

    private static bool?[] Few(string ones) => [.. ones.Select(static one => (bool?)(one == '1'))];

    private static LayerScore Score(string name, double percent, int right, Pooling pooling = Pooling.Average) => MadeUpScore.Of(name, percent, right, Images, pooling);
}
