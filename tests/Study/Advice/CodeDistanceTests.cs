using OnnxTransfer.Engine;
using OnnxTransfer.Heads;

namespace OnnxTransfer.Study.Tests;

public class CodeDistanceTests
{
    private static readonly LayerStatistics Reference = new("layer", Pooling.Average, [1, 2, 0], [4, 1, 1]);

    [Test]
    public void The_same_statistics_are_no_distance_apart()
    {
        var same = CodeDistance.Of(Reference, Reference)!;
        Assert.That((same.Frechet, same.Strength, same.Activity), Is.EqualTo((0.0, 1.0, 1.0)));
    }

    [Test]
    public void The_distances_are_what_their_formulas_say()
    {
        // Means 3 apart in one number, a deviation of 1 in the place of 2 in another: (9 + 1) / 6; lengths sqrt((5 + 5 + 10) / 11).
        var found = CodeDistance.Of(new LayerStatistics("layer", Pooling.Average, [2, 2, 3], [1, 1, 1]), Reference)!;
        Assert.That(found.Frechet, Is.EqualTo((1 + 9 + 1) / 6.0).Within(1e-12));
        Assert.That(found.Strength, Is.EqualTo(Math.Sqrt(20.0 / 11)).Within(1e-12));
        Assert.That(found.Activity, Is.EqualTo(Math.Pow((1 + 0.002) / (4 + 0.002), 1.0 / 3)).Within(1e-12));
    }

    [Test]
    public void Codes_of_another_length_and_a_reference_without_variance_have_no_distance()
    {
        Assert.That(CodeDistance.Of(new LayerStatistics("layer", Pooling.Average, [1], [1]), Reference), Is.Null);
        Assert.That(CodeDistance.Of(Reference, new LayerStatistics("layer", Pooling.Average, [1, 2, 0], [0, 0, 0])), Is.Null);
    }

    [Test]
    public void Statistics_are_means_and_variances_even_far_from_zero()
    {
        var found = LayerStatistics.Of(new CodeColumn("layer", Pooling.Average, 2), new CodeMatrix(new float[] { 4096, 1, 4098, 1, 4100, 1 }, 3, 2));
        Assert.That(found.Mean, Is.EqualTo(new double[] { 4098, 1 }));
        Assert.That(found.Variance, Is.EqualTo(new[] { 8 / 3.0, 0 }).Within(1e-12));
    }
}
