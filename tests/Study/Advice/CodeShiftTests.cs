namespace OnnxTransfer.Study.Tests;

public class CodeShiftTests
{
    [Test]
    public void It_is_the_root_mean_square_over_the_layers()
    {
        Assert.That(Of(2, 2)!.Value, Is.EqualTo(2).Within(1e-12));
        Assert.That(Of(7, 1)!.Value, Is.EqualTo(5).Within(1e-12));
    }

    [Test]
    public void The_same_statistics_are_no_shift_and_no_layer_has_none()
    {
        Assert.That(Of(0, 0)!.Value, Is.Zero);
        Assert.That(Of(), Is.Null);
    }

    private static CodeShift? Of(params double[] shifts) => CodeShift.Of([.. shifts.Select(static shift => new CodeDistance("layer", 0, 1, 1, shift))], 10);
}
