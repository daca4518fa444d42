using OnnxTransfer.Engine;
using OnnxTransfer.Heads;
using OnnxTransfer.Onnx;

namespace OnnxTransfer.Study.Tests;

/// <summary>Scores of layers that were never run.</summary>
internal static class MadeUpScore
{
    /// <summary>Costs as many milliseconds and kilobytes as percent; the first images are right.</summary>
    public static LayerScore Of(string name, double percent, int right, int images, Pooling pooling = Pooling.Average) => new()
    {
        Tap = new Tap(new TapPoint(name, [], "Relu", new TensorShape(Dim.Named("N"), 8, 4, 4), 8, 4, percent), pooling),
        Loss = HeadLoss.Softmax,
        C = 1,
        CrossValidated = new CCandidate(1, (double)right / images, Interval.Wilson(right, images)),
        HeldOut = [.. Enumerable.Range(0, images).Select(image => (bool?)(image < right))],
        Test = null,
        Converged = true,
        HeadBytes = 0,
        Cost = new CutCost(percent, percent, (long)(1000 * percent)),
    };
}
