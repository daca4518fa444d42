namespace OnnxTransfer.Heads.Tests;

public class LedoitWolfTests
{
    [Test]
    public void The_share_is_beta_over_delta()
    {
        // z = (2, 0), (-2, 0), (0, 1), (0, -1), five times each: S = diag(2, 1/2), mu = 5/4, the mean of ||z||^4 is 17/2.
        double[] squares = [.. Enumerable.Range(0, 20).Select(i => i % 4 < 2 ? 4.0 : 1.0)];
        var (beta, delta) = ((8.5 - 4.25) / (20 * 2), (4.25 / 2) - (1.25 * 1.25));
        var found = LedoitWolf.Of(squares, 2, (40 * 40) + (10 * 10));
        Assert.That(found.Variance, Is.EqualTo(1.25).Within(1e-15));
        Assert.That(found.Share, Is.EqualTo(beta / delta).Within(1e-14).And.InRange(0.1, 0.2));
    }

    [Test]
    public void A_covariance_that_is_a_multiple_of_the_identity_is_left_to_it() =>
        Assert.That(LedoitWolf.Of([1, 1, 1, 1], 2, 8), Is.EqualTo(new LedoitWolf(0.5, 1)));

    [Test]
    public void The_share_stays_above_zero() =>
        Assert.That(LedoitWolf.Of([1, 1, 1, 1], 2, 16), Is.EqualTo(new LedoitWolf(0.5, LedoitWolf.LeastShare)));
}
