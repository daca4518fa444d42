using OnnxTransfer.Engine;
using OnnxTransfer.Heads;

namespace OnnxTransfer.Study.Tests;

public class SampledStatisticsTests
{
    private const int Units = 3000;

    [Test]
    public void Photos_of_one_class_or_each_of_its_own_are_a_plain_sample()
    {
        var codes = new CodeMatrix(new float[] { 1, 4, 7, 8 }, 4, 1);
        foreach (var labels in new[] { ["a", "a", "a", "a"], new[] { "a", "b", "c", "d" } })
        {
            var found = SampledStatistics.Of(Column(1), codes, labels)!;
            Assert.That(found.Mean, Is.EqualTo(new[] { 5.0 }).Within(1e-12));
            Assert.That(found.Variance, Is.EqualTo(new[] { 10.0 }).Within(1e-12));
            Assert.That(found.MeanVariance, Is.EqualTo(new[] { 2.5 }).Within(1e-12));
            Assert.That(found.Freedom, Is.EqualTo(new[] { 3.0 }).Within(1e-12));
        }
    }

    [Test]
    public void Classes_without_a_spread_of_their_own_are_a_sample_of_so_many()
    {
        var found = SampledStatistics.Of(Column(1), new CodeMatrix(new float[] { 1, 1, 1, 5, 5, 5 }, 6, 1), ["a", "a", "a", "b", "b", "b"])!;
        Assert.That((found.Variance[0], found.MeanVariance[0], found.Freedom[0]), Is.EqualTo((8.0, 4.0, 1.0)).Within(1e-12));
    }

    [Test]
    public void Three_classes_of_ten_photos_estimate_their_kind_without_bias()
    {
        var found = Drawn(3, 10, new Random(1));
        Assert.That(found.Variance.Average(), Is.EqualTo(2).Within(0.1));
        Assert.That(found.MeanVariance.Average(), Is.EqualTo((1 / 3.0) + (1 / 30.0)).Within(0.02));
        Assert.That(found.Mean.Average(static mean => mean * mean), Is.EqualTo((1 / 3.0) + (1 / 30.0)).Within(0.02));
        Assert.That(found.Freedom, Is.All.InRange(2, 29));
    }

    [Test]
    public void A_kind_is_no_distance_from_itself_however_few_its_classes()
    {
        var reference = new LayerStatistics("layer", Pooling.Average, new double[Units], [.. Enumerable.Repeat(2.0, Units)]);
        foreach (var classes in new[] { 2, 3, 8 })
        {
            Assert.That(CodeDistance.Of(Drawn(classes, 10, new Random(classes)), reference, 100_000_000)!.Shift, Is.LessThan(0.3), $"{classes} classes");
        }
    }

    [Test]
    public void A_single_photo_tells_nothing() => Assert.That(SampledStatistics.Of(Column(1), new CodeMatrix(new float[] { 1 }, 1, 1), ["a"]), Is.Null);

    /// <summary>Units of variance 1 between classes and 1 within them.</summary>
    private static SampledStatistics Drawn(int classes, int each, Random random)
    {
        var values = new float[classes * each * Units];
        for (var c = 0; c < classes; c++)
        {
            double[] own = [.. Enumerable.Range(0, Units).Select(_ => Normal.Next(random))];
            for (var i = 0; i < each * Units; i++)
            {
                values[(c * each * Units) + i] = (float)(own[i % Units] + Normal.Next(random));
            }
        }

        string[] labels = [.. Enumerable.Range(0, classes * each).Select(i => $"class {i / each}")];
        return SampledStatistics.Of(Column(Units), new CodeMatrix(values, classes * each, Units), labels)!;
    }

    private static CodeColumn Column(int width) => new("layer", Pooling.Average, width);
}
