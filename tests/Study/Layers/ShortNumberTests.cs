namespace OnnxTransfer.Study.Tests;

public class ShortNumberTests
{
    [TestCase(63.74, "63.7")]
    [TestCase(1, "1.0")]
    [TestCase(0.324, "0.32")]
    [TestCase(0.04124, "0.041")]
    [TestCase(0, "0.0")]
    public void Two_digits_count_at_least(double value, string text) => Assert.That(ShortNumber.Of(value), Is.EqualTo(text));

    [TestCase(63.72, "63.8")]
    [TestCase(0.04124, "0.042")]
    [TestCase(0.041, "0.041")]
    [TestCase(0.999, "1.0")]
    public void What_is_enough_is_never_less(double value, string text) => Assert.That(ShortNumber.Enough(value), Is.EqualTo(text));
}
