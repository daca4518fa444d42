using OnnxTransfer.Heads;
using OnnxTransfer.Onnx;

namespace OnnxTransfer.FineTuning;

/// <summary>The losses that a network is trained with: those of heads that have gradients everywhere, as means over images.</summary>
internal static class TrainingLoss
{
    /// <summary>The losses there are.</summary>
    public static IReadOnlyList<HeadLoss> All { get; } = [HeadLoss.Softmax, HeadLoss.SquaredHinge, HeadLoss.Logistic];

    /// <summary>Appends a loss and returns its name: a scalar.</summary>
    /// <param name="loss">Which; the sums over classes are those of <see cref="HeadLoss"/>.</param>
    /// <param name="builder">Receives the nodes.</param>
    /// <param name="logits">The scores: [N, K].</param>
    /// <param name="targets">The share of each class in each image's label: [N, K].</param>
    /// <param name="classes">K.</param>
    /// <param name="smoothing">Label smoothing, of the softmax alone.</param>
    public static string Append(HeadLoss loss, GraphBuilder builder, string logits, string targets, int classes, double smoothing) => loss switch
    {
        HeadLoss.Softmax => SoftmaxCrossEntropy.Append(builder, logits, targets, classes, (float)smoothing),
        HeadLoss.SquaredHinge => SquaredHinge.Append(builder, logits, targets, classes),
        HeadLoss.Logistic => SigmoidCrossEntropy.Append(builder, logits, targets, classes),
        _ => throw new ArgumentOutOfRangeException(nameof(loss), loss, "There is no such training."),
    };
}
