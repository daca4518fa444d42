namespace OnnxTransfer.Study.Tests;

public class ChanceTests
{
    [TestCase(0.5, Math.PI * Math.PI / 2)]
    [TestCase(1, Math.PI * Math.PI / 6)]
    [TestCase(1000, 1.0005001666666333e-3)]
    public void Trigamma_has_its_known_values(double x, double expected) =>
        Assert.That(Chance.Trigamma(x), Is.EqualTo(expected).Within(1e-11).Percent);

    [Test]
    public void It_is_what_the_logarithm_of_the_ratio_of_variances_of_normal_numbers_has()
    {
        var random = new Random(5);
        double[] logarithms = [.. Enumerable.Range(0, 40_000).Select(_ => Math.Log(Variance(random, 4) / Variance(random, 9)))];
        var mean = logarithms.Average();
        var chance = Chance.Of(4, 9);
        Assert.That(chance.Bias, Is.EqualTo(mean).Within(0.03));
        Assert.That(chance.Variance, Is.EqualTo(logarithms.Average(value => Math.Pow(value - mean, 2))).Within(0.05));
    }

    [Test]
    public void The_same_number_of_images_on_both_sides_has_no_bias_and_many_have_no_variance()
    {
        Assert.That(Chance.Of(7, 7).Bias, Is.Zero);
        Assert.That(Chance.Of(1_000_000, 1_000_000).Variance, Is.LessThan(1e-5));
    }

    private static double Variance(Random random, int count)
    {
        double[] values = [.. Enumerable.Range(0, count).Select(_ => Math.Sqrt(-2 * Math.Log(1 - random.NextDouble())) * Math.Cos(2 * Math.PI * random.NextDouble()))];
        var mean = values.Average();
        return values.Average(value => Math.Pow(value - mean, 2));
    }
}
