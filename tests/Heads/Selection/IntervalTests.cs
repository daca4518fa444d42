using CsCheck;

namespace OnnxTransfer.Heads.Tests;

public class IntervalTests
{
    // 81 of 263: Newcombe (1998), table I, method 3. The others: the formula in closed form at shares of 0, 1/2 and 1.
    [TestCase(0, 10, 0.0, 0.2775327998628892)]
    [TestCase(5, 10, 0.2365930905125640, 0.7634069094874361)]
    [TestCase(10, 10, 0.7224672001371107, 1.0)]
    [TestCase(81, 263, 0.2552893, 0.3662087)]
    public void Wilson_gives_the_published_figures(long successes, long trials, double low, double high)
    {
        var interval = Interval.Wilson(successes, trials);
        Assert.That(interval.Low, Is.EqualTo(low).Within(1e-6));
        Assert.That(interval.High, Is.EqualTo(high).Within(1e-6));
    }

    [Test]
    public void Nothing_tried_says_nothing() => Assert.That(Interval.Wilson(0, 0), Is.EqualTo(new Interval(0, 1)));

    [Test]
    public void The_share_lies_within_and_the_mirror_is_the_mirror() =>
        Gen.Select(Gen.Int[0, 1000], Gen.Int[1, 1000]).Where(static (s, n) => s <= n).Sample((s, n) =>
        {
            var (one, other) = (Interval.Wilson(s, n), Interval.Wilson(n - s, n));
            var share = (double)s / n;
            return one.Low >= 0 && one.Low <= share && share <= one.High && one.High <= 1 && Math.Abs(one.Low + other.High - 1) < 1e-12;
        });

    [Test]
    public void More_successes_than_trials_are_refused() =>
        Assert.Throws<ArgumentOutOfRangeException>(() => Interval.Wilson(2, 1));
}
