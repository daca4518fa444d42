using CsCheck;

namespace OnnxTransfer.Heads.Tests;

public class SimplexTests
{
    [Test]
    public void What_is_above_the_threshold_sums_to_one() => Gen.Double[-5, 5].Array[1, 40].Sample(static values =>
    {
        var threshold = Simplex.Threshold<double>(values);
        var single = Simplex.Threshold<float>(Array.ConvertAll(values, static v => (float)v));
        return Math.Abs(values.Sum(v => Math.Max(0, v - threshold)) - 1) < 1e-12 && Math.Abs(single - threshold) < 1e-5;
    });

    [TestCase(new[] { 5.0 }, 4)]
    [TestCase(new[] { 0.0, 0 }, -0.5)]
    [TestCase(new[] { 0.25, 0.75 }, 0)]
    [TestCase(new[] { 3.0, 2, -7 }, 2)]
    [TestCase(new[] { 1.0, 0.5, 0.25, -3 }, 0.25)]
    public void Thresholds_are_those_by_hand(double[] values, double threshold) =>
        Assert.That(Simplex.Threshold<double>(values), Is.EqualTo(threshold).Within(1e-15));

    [Test]
    public void Numbers_so_large_that_one_is_lost_in_them_have_a_threshold_all_the_same() =>
        Assert.That(Simplex.Threshold<float>([1e10f, 1e10f, 1e10f]), Is.EqualTo(1e10f));
}
