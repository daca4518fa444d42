namespace OnnxTransfer.Study.Tests;

public class AxisTests
{
    [TestCase(0.823, 0.981, 0.8, 1.0, 0.05)]
    [TestCase(0.9, 0.9, 0.9, 0.9000000002, 2e-10)]
    [TestCase(0, 37, 0, 40, 10)]
    [TestCase(0.5, 1, 0.5, 1, 0.1)]
    public void Ends_and_ticks_are_round_numbers(double least, double most, double low, double high, double step)
    {
        var axis = Axis.Of([least, most], 0, 100);
        Assert.That((axis.Low, axis.High, axis.Step), Is.EqualTo((low, high, step)).Using<(double Low, double High, double Step)>(
            static (one, other) => Math.Abs(one.Low - other.Low) + Math.Abs(one.High - other.High) + Math.Abs(one.Step - other.Step) < 1e-9));
        Assert.That(axis.At(), Is.Ordered.And.All.InRange(axis.Low - 1e-9, axis.High + 1e-9));
    }

    [Test]
    public void Nought_has_no_sign()
    {
        Assert.That(new Axis(0, 100, 20).At().Select(static tick => Wording.Number(tick, 0)), Is.EqualTo(new[] { "0", "20", "40", "60", "80", "100" }));
    }
}
