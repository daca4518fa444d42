namespace OnnxTransfer.Study.Tests;

public class CodeShiftTests
{
    [Test]
    public void More_and_less_activity_count_alike()
    {
        Assert.That(Of(2, 0.5)!.Factor, Is.EqualTo(2).Within(1e-12));
        Assert.That(Of(4, 1)!.Factor, Is.EqualTo(Math.Pow(4, Math.Sqrt(0.5))).Within(1e-12));
    }

    [Test]
    public void The_same_statistics_are_no_shift_and_no_layer_has_none()
    {
        Assert.That(Of(1, 1)!.Factor, Is.EqualTo(1));
        Assert.That(Of(), Is.Null);
    }

    private static CodeShift? Of(params double[] activities) => CodeShift.Of([.. activities.Select(static activity => new CodeDistance("layer", 0, 1, activity))], 10);
}
