namespace OnnxTransfer.Heads.Tests;

public class CertificateTests
{
    [TestCase(3, 2, 0.5)]
    [TestCase(2, 2, 0)]
    [TestCase(2, 2.0000000001, 0)]
    [TestCase(0, 0, 0)]
    [TestCase(0, 1e-300, 0)]
    [TestCase(1, 0, double.PositiveInfinity)]
    [TestCase(1, -1, double.PositiveInfinity)]
    public void The_gap_is_relative_to_the_bound_and_never_negative(double objective, double bound, double gap) =>
        Assert.That(new Certificate(objective, bound, 1, 0, true).RelativeGap, Is.EqualTo(gap));
}
