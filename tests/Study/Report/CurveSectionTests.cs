using OnnxTransfer.Heads;

namespace OnnxTransfer.Study.Tests;

public class CurveSectionTests
{
    [TestCase(1000, 800, 900, "still rises")]
    [TestCase(1000, 900, 800, "falls")]
    [TestCase(20_000, 18_000, 18_010, "is flat")]
    [TestCase(60, 48, 49, "not known")]
    [TestCase(60, 40, 60, "nothing is left to gain")]
    public void The_outlook_says_what_was_measured(int images, int before, int last, string words) =>
        Assert.That(CurveSection.Outlook([Point(images, before), Point(images, last)]), Does.Contain(words));

    private static LearningCurvePoint Point(int images, int right)
    {
        int[] truth = [.. Enumerable.Range(0, images).Select(static i => i % 2)];
        var evaluation = Evaluation.Of(["a", "b"], truth, [.. truth.Select((k, i) => i < right ? k : 1 - k)]);
        return new LearningCurvePoint(1, new NestedEstimate(evaluation, [1], [images], true));
    }
}
