namespace OnnxTransfer.Study.Tests;

public class ChanceTests
{
    [TestCase(0.5, Math.PI * Math.PI / 2)]
    [TestCase(1, Math.PI * Math.PI / 6)]
    [TestCase(1000, 1.0005001666666333e-3)]
    public void Trigamma_has_its_known_values(double x, double expected) =>
        Assert.That(Chance.Trigamma(x), Is.EqualTo(expected).Within(1e-11).Percent);

    [Test]
    public void It_is_what_the_logarithm_of_the_estimated_variance_of_normal_numbers_has()
    {
        var random = new Random(5);
        double[] logarithms = [.. Enumerable.Range(0, 40_000).Select(_ => Math.Log(Variance([.. Enumerable.Range(0, 4).Select(_ => Normal.Next(random))])))];
        var mean = logarithms.Average();
        var chance = Chance.Of(3);
        Assert.That(chance.Bias, Is.EqualTo(mean).Within(0.02));
        Assert.That(chance.Variance, Is.EqualTo(logarithms.Average(value => Math.Pow(value - mean, 2))).Within(0.03));
    }

    [Test]
    public void Many_images_leave_nothing_to_chance()
    {
        var chance = Chance.Of(1e9);
        Assert.That((chance.Bias, chance.Variance), Is.EqualTo((0.0, 0.0)).Within(1e-8));
    }

    private static double Variance(double[] values) => values.Sum(value => Math.Pow(value - values.Average(), 2)) / (values.Length - 1);
}
