namespace OnnxTransfer.FineTuning.Tests;

public sealed class DepthFactorsTests
{
    [Test]
    public void Each_stage_towards_the_image_is_multiplied_once_more() =>
        Assert.That(Enumerable.Range(0, 4).Select(static stage => DepthFactors.OfStage(0.5, stage, 4)), Is.EqualTo(new[] { 0.125f, 0.25f, 0.5f, 1 }));

    [Test]
    public void By_depth_the_logarithm_is_a_line()
    {
        Assert.That((DepthFactors.OfDepth(0.01, 0), DepthFactors.OfDepth(0.01, 1)), Is.EqualTo((0.01f, 1f)));
        Assert.That(DepthFactors.OfDepth(0.01, 0.5), Is.EqualTo(0.1f).Within(1e-7));
    }

    [TestCase(0)]
    [TestCase(1.5)]
    [TestCase(double.NaN)]
    public void A_factor_that_stops_or_favours_early_layers_is_refused(double factor)
    {
        Sentences.Fails(FailureKind.Usage, () => DepthFactors.OfStage(factor, 0, 3), "early layers");
        Sentences.Fails(FailureKind.Usage, () => DepthFactors.OfDepth(factor, 0.5), "early layers");
    }
}
