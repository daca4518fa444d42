using OnnxTransfer.Heads;

namespace OnnxTransfer.Engine.Tests;

internal sealed class ExportProofTests
{
    private static double Check(FlowerNetwork exported, LinearHead head)
    {
        using var network = CodeNetwork.Make(exported.Catalog, exported.Recipe, [exported.Tap], batch: 1);
        return ExportProof.Check(exported.Exported().ToBytes(), "flowers.onnx", network, exported.Recipe, head);
    }

    [Test]
    public void An_exported_model_agrees_with_its_head([Values] Pooling pooling)
    {
        var network = FlowerNetwork.Make(pooling: pooling);
        Assert.That(Check(network, network.Head), Is.LessThan(1e-6));
    }

    [Test]
    public void So_does_one_with_a_calibration([Values] CalibrationMethod method)
    {
        var network = FlowerNetwork.Make().Calibrated(method);
        Assert.That(Check(network, network.Head), Is.LessThan(1e-6));
    }

    [Test]
    public void Another_calibration_is_told_apart([Values(CalibrationMethod.Temperature, CalibrationMethod.Platt)] CalibrationMethod method) =>
        Assert.Throws<OnnxTransferException>(() => Check(FlowerNetwork.Make(), FlowerNetwork.Make().Calibrated(method).Head));

    [Test]
    public void Another_head_is_told_apart()
    {
        var network = FlowerNetwork.Make();
        var weights = network.Head.Weights.ToArray();
        weights[^1] += 1e-3;
        var other = new LinearHead(network.Head.Labels, weights, network.Head.Width, HeadLoss.Softmax, 1, network.Head.Certificate);

        var failure = Assert.Throws<OnnxTransferException>(() => Check(network, other));

        Assert.That(failure.Kind, Is.EqualTo(FailureKind.Mathematics));
        Assert.That(failure.Message, Does.StartWith("flowers.onnx is not written: on a probe batch its probabilities differ by "));
    }

    [Test]
    public void Scores_too_large_for_float32_are_no_agreement()
    {
        var network = FlowerNetwork.Make().WithOverflow();
        Assert.That(Assert.Throws<OnnxTransferException>(() => Check(network, network.Head)).Kind, Is.EqualTo(FailureKind.Mathematics));
    }
}
