namespace OnnxTransfer.Study.Tests;

public class PowerLawTests
{
    private static readonly double[] Images = [60, 120, 210, 300, 450, 600];

    [Test]
    public void A_curve_that_is_a_power_law_is_found_again()
    {
        var truth = new PowerLaw(0.08, 2.5, 0.6);
        var found = PowerLaw.Fit(Images, [.. Images.Select(truth.ErrorAt)]);
        Assert.Multiple(() =>
        {
            Assert.That(found.Exponent, Is.EqualTo(0.6).Within(1e-12));
            Assert.That(found.Asymptote, Is.EqualTo(0.08).Within(1e-9));
            Assert.That(found.ErrorAt(1200), Is.EqualTo(truth.ErrorAt(1200)).Within(1e-9));
        });
    }

    [Test]
    public void A_curve_that_falls_for_ever_ends_at_no_error_below_zero()
    {
        var found = PowerLaw.Fit(Images, [0.5, 0.35, 0.22, 0.14, 0.05, 0.001]);
        Assert.That(found.Asymptote, Is.Zero);
        Assert.That(found.ErrorAt(1e9), Is.InRange(0, 0.01));
    }

    [Test]
    public void A_curve_that_rises_promises_nothing()
    {
        var found = PowerLaw.Fit(Images, [0.1, 0.11, 0.12, 0.13, 0.14, 0.15]);
        Assert.That(found.ErrorAt(600) - found.ErrorAt(1200), Is.Zero);
    }

    [Test]
    public void Two_points_are_too_few() => Assert.That(() => PowerLaw.Fit([1, 2], [0.5, 0.4]), Throws.ArgumentException.With.Message.Contains("3 points"));
}
