using OnnxTransfer.Engine;
using OnnxTransfer.Heads;

namespace OnnxTransfer.Study.Tests;

public class CodeDistanceTests
{
    // So many that chance makes nothing of them.
    private const int Many = 100_000_000;

    private static readonly LayerStatistics Reference = new("layer", Pooling.Average, [1, 2, 0], [4, 1, 1]);

    [Test]
    public void The_same_statistics_are_no_distance_apart()
    {
        var same = CodeDistance.Of(Photos([1, 2, 0], [4, 1, 1]), Reference, Many)!;
        Assert.That((same.Frechet, same.Strength, same.Activity, same.Shift), Is.EqualTo((0.0, 1.0, 1.0, 0.0)).Within(1e-6));
    }

    [Test]
    public void The_distances_are_what_their_formulas_say()
    {
        // Means 3 apart in one number, a deviation of 1 in the place of 2 in another: (9 + 1) / 6; lengths sqrt((5 + 5 + 10) / 11).
        var found = CodeDistance.Of(Photos([2, 2, 3], [1, 1, 1]), Reference, Many)!;
        Assert.That(found.Frechet, Is.EqualTo((1 + 9 + 1) / 6.0).Within(1e-6));
        Assert.That(found.Strength, Is.EqualTo(Math.Sqrt(20.0 / 11)).Within(1e-6));
        Assert.That(found.Activity, Is.EqualTo(Math.Pow((1 + 0.002) / (4 + 0.002), 1.0 / 3)).Within(1e-6));
        Assert.That(found.Shift, Is.EqualTo(Math.Sqrt((Math.Pow(Math.Log((4 + 0.002) / (1 + 0.002)), 2) + (1 / 4.002) + (9 / 1.002)) / 3)).Within(1e-6));
    }

    [Test]
    public void More_and_less_variance_count_alike_and_do_not_make_up_for_each_other()
    {
        var found = CodeDistance.Of(Photos([1, 2], [9, 1]), new LayerStatistics("layer", Pooling.Average, [1, 2], [3, 3]), Many)!;
        Assert.That(found.Activity, Is.EqualTo(1).Within(1e-3));
        Assert.That(found.Shift, Is.EqualTo(Math.Log(3)).Within(0.01));
    }

    [Test]
    public void What_chance_makes_of_few_images_is_taken_off_on_both_sides()
    {
        var random = new Random(3);
        var (few, reference) = (Drawn(random, 8), Statistics(random, 12));
        var found = CodeDistance.Of(few, reference, 12)!;
        Assert.That(found.Activity, Is.EqualTo(1).Within(0.03));
        Assert.That(found.Shift, Is.LessThan(0.15));
        var taken = few with { MeanVariance = new double[few.Mean.Length], Freedom = [.. few.Freedom.Select(static _ => (double)Many)] };
        Assert.That(CodeDistance.Of(taken, reference, Many)!.Shift, Is.GreaterThan(0.7), "as though the images were many");
    }

    [Test]
    public void Codes_of_another_length_and_a_reference_without_variance_or_of_one_image_have_no_distance()
    {
        Assert.That(CodeDistance.Of(Photos([1], [1]), Reference, Many), Is.Null);
        Assert.That(CodeDistance.Of(Photos([1, 2, 0], [4, 1, 1]), Reference, 1), Is.Null);
        Assert.That(CodeDistance.Of(Photos([1, 2, 0], [4, 1, 1]), new LayerStatistics("layer", Pooling.Average, [1, 2, 0], [0, 0, 0]), Many), Is.Null);
    }

    [Test]
    public void Statistics_are_means_and_variances_even_far_from_zero()
    {
        var found = LayerStatistics.Of(new CodeColumn("layer", Pooling.Average, 2), new CodeMatrix(new float[] { 4096, 1, 4098, 1, 4100, 1 }, 3, 2));
        Assert.That(found.Mean, Is.EqualTo(new double[] { 4098, 1 }));
        Assert.That(found.Variance, Is.EqualTo(new[] { 8 / 3.0, 0 }).Within(1e-12));
    }

    private static SampledStatistics Photos(double[] mean, double[] variance) =>
        new("layer", mean, variance, new double[mean.Length], [.. mean.Select(static _ => (double)Many)]);

    private static SampledStatistics Drawn(Random random, int images)
    {
        var (column, codes) = Codes(random, images);
        return SampledStatistics.Of(column, codes, [.. Enumerable.Range(0, images).Select(static i => $"{i}")])!;
    }

    private static LayerStatistics Statistics(Random random, int images)
    {
        var (column, codes) = Codes(random, images);
        return LayerStatistics.Of(column, codes);
    }

    private static (CodeColumn Column, CodeMatrix Codes) Codes(Random random, int images)
    {
        const int Units = 4000;
        float[] values = [.. Enumerable.Range(0, images * Units).Select(_ => (float)Normal.Next(random))];
        return (new CodeColumn("layer", Pooling.Average, Units), new CodeMatrix(values, images, Units));
    }
}
