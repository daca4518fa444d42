namespace OnnxTransfer.Study.Tests;

public class RankCorrelationTests
{
    // scipy.stats.kendalltau of the same numbers; the fourth by hand: 4 pairs agree, 1 does not, 1 is tied in the second.
    [TestCase(new double[] { 1, 2, 3, 4 }, new double[] { 10, 20, 30, 40 }, 1)]
    [TestCase(new double[] { 1, 2, 3, 4 }, new double[] { 4, 3, 2, 1 }, -1)]
    [TestCase(new double[] { 12, 2, 1, 12, 2 }, new double[] { 1, 4, 7, 1, 0 }, -0.47140452079103173)]
    [TestCase(new double[] { 1, 2, 3, 4 }, new double[] { 2, 1, 5, 5 }, 0.5477225575051661)]
    public void Tau_is_the_balance_of_pairs_and_ties_count_for_neither(double[] one, double[] other, double expected)
    {
        Assert.That(RankCorrelation.TauB(one, other), Is.EqualTo(expected).Within(1e-12));
        Assert.That(RankCorrelation.TauB(other, one), Is.EqualTo(expected).Within(1e-12));
    }

    [Test]
    public void What_has_no_order_has_no_correlation()
    {
        Assert.That(RankCorrelation.TauB([], []), Is.Null);
        Assert.That(RankCorrelation.TauB([1], [2]), Is.Null);
        Assert.That(RankCorrelation.TauB([1, 1, 1], [1, 2, 3]), Is.Null);
    }

    [Test]
    public void Other_things_cannot_be_compared() => Assert.That(() => RankCorrelation.TauB([1], [1, 2]), Throws.ArgumentException);
}
