using OnnxTransfer.Cli.Output;

namespace OnnxTransfer.Cli.Tests;

public class LossCurveTests
{
    [Test]
    public void A_loss_that_falls_goes_down_from_left_to_right_over_the_whole_training()
    {
        var curve = new LossCurve();
        Assert.That(curve.After(1, 100, 8), Is.EqualTo("▁".PadRight(20)), "a single loss is neither high nor low");
        Assert.That(curve.After(50, 100, 1), Is.EqualTo(("█" + new string('▁', 9)).PadRight(20)), "cells that were passed over are as the later one");
        Assert.That(curve.After(100, 100, 0.125), Is.EqualTo("█" + new string('▅', 9) + new string('▁', 10)), "the scale is logarithmic");
    }

    [Test]
    public void Losses_that_no_scale_has_are_left_out()
    {
        var curve = new LossCurve();
        Assert.That((curve.After(1, 2, 0), curve.After(1, 2, double.NaN)), Is.EqualTo((new string(' ', 20), new string(' ', 20))));
        Assert.That(curve.After(2, 2, 1).Trim(), Is.Not.Empty);
    }
}
