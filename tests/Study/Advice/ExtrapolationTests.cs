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
        Assert.That(Extrapolation.Of(points, 500), Is.EqualTo(Extrapolation.Of(points, 500)));
    }

    [Test]
    public void Fewer_than_three_sizes_are_no_curve() => Assert.That(Extrapolation.Of([Point(100, 700), Point(200, 780), Point(200, 790)], 250), Is.Null);

    /// <summary>Heads that learned from so many images, and were right on so many of a thousand others.</summary>
    private static LearningCurvePoint Point(int images, int right)
    {
        int[] truth = [.. Enumerable.Range(0, 1000).Select(static i => i % 2)];
        var evaluation = Evaluation.Of(["a", "b"], truth, [.. truth.Select((k, i) => i < right ? k : 1 - k)]);
        return new LearningCurvePoint(1, new NestedEstimate(evaluation, [1], [images], true));
    }
}
