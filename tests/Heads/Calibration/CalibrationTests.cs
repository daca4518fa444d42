using CsCheck;

namespace OnnxTransfer.Heads.Tests;

public class CalibrationTests
{
    private static double[] Apply(Calibration calibration, params double[] scores)
    {
        var probabilities = (double[])scores.Clone();
        calibration.Apply(probabilities);
        return probabilities;
    }

    [Test]
    public void Temperature_is_the_softmax_of_the_scores_divided_by_it()
    {
        var found = Apply(Calibration.OfTemperature(2, 3), 1, 2, 4);
        var powers = new[] { Math.Exp(0.5), Math.Exp(1), Math.Exp(2) };
        Assert.That(found, Is.EqualTo(powers.Select(power => power / powers.Sum())).Within(1e-15));
    }

    [Test]
    public void Platts_are_the_sigmoids_divided_by_their_sum()
    {
        var found = Apply(Calibration.OfPlatt([1, -2, 0.5], [0, 1, -1]), 3, 0.2, -4);
        var sigmoids = new[] { 3, 0.6, -3 }.Select(z => 1 / (1 + Math.Exp(-z))).ToArray();
        Assert.That(found, Is.EqualTo(sigmoids.Select(sigmoid => sigmoid / sigmoids.Sum())).Within(1e-15));
    }

    [Test]
    public void Probabilities_sum_to_1_even_where_every_sigmoid_is_0()
    {
        var found = Apply(Calibration.OfPlatt([1, 1], [0, 0]), -5000, -5001);
        Assert.That(found[0], Is.EqualTo(1 / (1 + Math.Exp(-1))).Within(1e-12));
        Assert.That(found.Sum(), Is.EqualTo(1).Within(1e-15));
    }

    [Test]
    public void Temperature_keeps_the_order_of_the_classes() =>
        Gen.Select(Gen.Double[-50, 50].Array[2, 8], Gen.Double[0.5, 1000]).Sample((scores, temperature) =>
        {
            var found = Apply(Calibration.OfTemperature(temperature, scores.Length), scores);
            for (var k = 1; k < scores.Length; k++)
            {
                Assert.That(Math.Sign(found[k] - found[k - 1]), Is.EqualTo(Math.Sign(scores[k] - scores[k - 1])).Or.Zero);
            }
        });

    [Test]
    public void Numbers_that_mean_nothing_are_refused([Values(0, -1, double.NaN, double.PositiveInfinity, double.Epsilon)] double temperature)
    {
        Assert.Throws<ArgumentOutOfRangeException>(() => Calibration.OfTemperature(temperature, 2));
        Assert.Throws<ArgumentException>(() => Calibration.OfPlatt([1, double.NaN], [0, 0]));
        Assert.Throws<ArgumentException>(() => Calibration.OfPlatt([1], [0, 0]));
    }

    [Test]
    public void Methods_have_spellings_that_are_read_back()
    {
        foreach (var method in Enum.GetValues<CalibrationMethod>())
        {
            Assert.That(CalibrationMethodNames.Parse(method.ToText()), Is.EqualTo(method));
        }

        Sentences.Fails(FailureKind.Usage, () => CalibrationMethodNames.Parse("isotonic"), "'isotonic'", "none, temperature, platt");
    }
}
