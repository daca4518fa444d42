using OnnxTransfer.Heads;

namespace OnnxTransfer.Study.Tests;

public class ExtrapolationTests
{
    [Test]
    public void The_gain_is_the_law_s_and_lies_in_its_interval()
    {
        var found = Extrapolation.Of([Point(100, 700), Point(200, 780), Point(400, 840), Point(800, 880)], 1000)!;
        Assert.That(found.Gain, Is.EqualTo(found.Law.ErrorAt(1000) - found.Law.ErrorAt(2000)));
        Assert.That(found.GainInterval.Low, Is.LessThan(found.Gain).And.AtLeast(0));
        Assert.That(found.GainInterval.High, Is.GreaterThan(found.Gain));
    }

    [Test]
    public void A_second_time_says_the_same()
    {
        LearningCurvePoint[] points = [Point(100, 700), Point(200, 780), Point(400, 840)];
        var first = Extrapolation.Of(points, 500);
        Assert.That(Extrapolation.Of(points, 500), Is.EqualTo(first));
    }

    [Test]
    public void Fewer_than_three_sizes_are_no_curve() => Assert.That(Extrapolation.Of([Point(100, 700), Point(200, 780), Point(200, 790)], 250), Is.Null);

    [Test]
    public void A_curve_that_falls_is_not_extended() =>
        Assert.That(Extrapolation.Of([Point(100, 550), Point(200, 670), Point(400, 780), Point(600, 430), Point(800, 470)], 1000), Is.Null);

    [Test]
    public void A_curve_that_ends_away_from_the_law_is_not_extended() =>
        Assert.That(Extrapolation.Of([Point(100, 700), Point(200, 700), Point(400, 700), Point(800, 990)], 1000), Is.Null);

    [Test]
    public void No_more_is_promised_than_is_left()
    {
        Assert.That(Extrapolation.Of([Point(100, 996), Point(200, 997), Point(400, 1000)], 500)!.GainInterval.High, Is.Zero);
    }

    /// <summary>Heads that learned from so many images, and were right on so many of a thousand others.</summary>
    private static LearningCurvePoint Point(int images, int right)
    {
        int[] truth = [.. Enumerable.Range(0, 1000).Select(static i => i % 2)];
        var evaluation = Evaluation.Of(["a", "b"], truth, [.. truth.Select((k, i) => i < right ? k : 1 - k)]);
        return new LearningCurvePoint(1, new NestedEstimate(evaluation, [1], [images], true));
    }
}
