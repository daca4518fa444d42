namespace OnnxTransfer.Study.Tests;

public class PlacementTests
{
    private const int Images = 400;
    private static readonly Depth TopIsBest = DepthOf(320, 380);
    private static readonly Depth MiddleIsBest = DepthOf(380, 320);

    [TestCase(720, 12, 0.01, DataSize.Small)]
    [TestCase(4000, 10, 0.01, DataSize.Large)]
    [TestCase(4000, 10, 0.05, DataSize.Small)]
    [TestCase(4000, 10, null, DataSize.Large)]
    [TestCase(4000, 200, 0.01, DataSize.Small)]
    [TestCase(1000, 2, 0.0, DataSize.Small)]
    public void A_set_is_large_with_enough_images_in_all_and_a_class_on_a_flat_curve(int images, int classes, double? gain, DataSize expected) =>
        Assert.That(Placement.Of(images, classes, gain, TopIsBest, null).Size, Is.EqualTo(expected));

    [Test]
    public void The_confidence_in_the_size_is_a_half_at_the_threshold_and_four_fifths_at_twice_it()
    {
        Assert.That(Placement.Of(2000, 2, null, TopIsBest, null).SizeConfidence, Is.EqualTo(0.5).Within(1e-12));
        Assert.That(Placement.Of(4000, 2, null, TopIsBest, null).SizeConfidence, Is.EqualTo(0.8).Within(1e-12));
        Assert.That(Placement.Of(1000, 2, null, TopIsBest, null).SizeConfidence, Is.EqualTo(0.8).Within(1e-12));
    }

    [Test]
    public void The_depth_tells_similar_from_different_and_however_clear_is_no_surer_than_its_record()
    {
        var even = Shift(Placement.SimilarShift, Images);
        Assert.That(Placement.Of(100, 2, null, TopIsBest, even).Similarity, Is.EqualTo(DataSimilarity.Similar));
        Assert.That(Placement.Of(100, 2, null, MiddleIsBest, even).Similarity, Is.EqualTo(DataSimilarity.Different));
        Assert.That(Placement.Of(100, 2, null, TopIsBest, null).SimilarityConfidence, Is.EqualTo(202 / 288.0).Within(0.002));
        Assert.That(Placement.ScoreOf(MiddleIsBest, null), Is.EqualTo(-Placement.ScoreOf(TopIsBest, null)));
    }

    [Test]
    public void The_clearest_depth_does_not_overrule_codes_that_are_a_step_away()
    {
        Assert.That(Placement.ScoreOf(MiddleIsBest, Shift(Placement.SimilarShift / 1.25, Images)), Is.Positive);
        Assert.That(Placement.ScoreOf(TopIsBest, Shift(Placement.SimilarShift * 1.25, Images)), Is.Negative);
    }

    [Test]
    public void Where_depth_tells_nothing_the_codes_decide()
    {
        var perfect = DepthOf(Images, Images);
        Assert.That(Placement.Of(100, 2, null, perfect, Shift(0.4, 60)).Similarity, Is.EqualTo(DataSimilarity.Similar));
        Assert.That(Placement.Of(100, 2, null, perfect, Shift(1.6, 60)).Similarity, Is.EqualTo(DataSimilarity.Different));
    }

    [Test]
    public void Layers_without_errors_are_no_evidence() =>
        Assert.That(Placement.ScoreOf(DepthOf(Images, Images), null), Is.EqualTo(0).Within(0.1));

    [TestCase(5, 0)]
    [TestCase(0, 3)]
    [TestCase(6, 11)]
    public void A_handful_of_errors_does_not_overrule_the_codes(int middle, int top)
    {
        var depth = DepthOf(60 - middle, 60 - top, 60);
        Assert.That(Placement.ScoreOf(depth, Shift(0.3, 60)), Is.Positive);
        Assert.That(Placement.ScoreOf(depth, Shift(2, 60)), Is.Negative);
    }

    [Test]
    public void The_same_share_of_errors_is_more_evidence_with_more_images() =>
        Assert.That(Placement.ScoreOf(DepthOf(160, 170, 200), null), Is.GreaterThan(1.2 * Placement.ScoreOf(DepthOf(16, 17, 20), null)));

    [Test]
    public void The_same_shift_is_more_evidence_with_more_images()
    {
        var even = DepthOf(Images, Images);
        Assert.That(Placement.ScoreOf(even, Shift(0.4, 600)), Is.GreaterThan(1.5 * Placement.ScoreOf(even, Shift(0.4, 15))));
    }

    [Test]
    public void Every_cell_has_its_advice_and_a_layer_that_wins_is_not_left()
    {
        static AdviceKind Kind(DataSize size, DataSimilarity similarity, Depth depth) => AdviceKindNames.Of(new Placement(size, 1, similarity, 1), depth);
        Assert.Multiple(() =>
        {
            Assert.That(Kind(DataSize.Small, DataSimilarity.Similar, TopIsBest), Is.EqualTo(AdviceKind.HeadOnTop));
            Assert.That(Kind(DataSize.Small, DataSimilarity.Similar, DepthOf(340, 320)), Is.EqualTo(AdviceKind.HeadOnEarlierLayer));
            Assert.That(Kind(DataSize.Small, DataSimilarity.Similar, DepthOf(340, 320) with { EarlierLayers = 1_000_000 }), Is.EqualTo(AdviceKind.HeadOnTop), "the best of so many is better by chance");
            Assert.That(Kind(DataSize.Small, DataSimilarity.Different, MiddleIsBest), Is.EqualTo(AdviceKind.HeadOnEarlierLayer));
            Assert.That(Kind(DataSize.Small, DataSimilarity.Different, TopIsBest), Is.EqualTo(AdviceKind.HeadOnTop));
            Assert.That(Kind(DataSize.Large, DataSimilarity.Similar, TopIsBest), Is.EqualTo(AdviceKind.FineTuneLastStages));
            Assert.That(Kind(DataSize.Large, DataSimilarity.Different, TopIsBest), Is.EqualTo(AdviceKind.FineTuneAll));
        });
    }

    [Test]
    public void The_first_part_ends_at_seven_tenths_of_the_top_and_is_the_first_layer_where_none_is_there()
    {
        LayerScore[] scores = [Score("early", 20, 200), Score("middle", 68, 250), Score("late", 90, 300), Score("top", 100, 290)];
        var depth = Depth.Of(scores, "top");
        Assert.That((depth.Middle, depth.Earlier), Is.EqualTo((scores[1], scores[2])));
        Assert.That(depth.Lead, Is.EqualTo(Math.Log(150.5 / 110.5)).Within(1e-12));
        Assert.That(Depth.FirstPart(scores, scores[3]), Is.EqualTo(scores[..2]));
        Assert.That(Depth.FirstPart(scores[2..], scores[3]), Is.EqualTo(scores[2..3]));
        Sentences.Fails(FailureKind.Model, () => Depth.Of([scores[3]], "top"), "no layer before top");
    }

    [Test]
    public void Of_layers_with_the_same_accuracy_the_deepest_is_taken()
    {
        LayerScore[] scores = [Score("stem", 5, 395), Score("middle", 60, 395), Score("late", 90, 395), Score("top", 100, 395)];
        var depth = Depth.Of(scores, "top");
        Assert.That((depth.Earlier, depth.Middle), Is.EqualTo((scores[2], scores[1])));
    }

    private static CodeShift Shift(double value, int images) => new(value, images);

    private static Depth DepthOf(int middle, int top, int images = Images) =>
        Depth.Of([MadeUpScore.Of("middle", 50, middle, images), MadeUpScore.Of("top", 100, top, images)], "top");

    private static LayerScore Score(string name, double percent, int right) => MadeUpScore.Of(name, percent, right, Images);
}
