using OnnxTransfer.Onnx;
using static OnnxTransfer.Onnx.Protos.TensorProto.Types;

namespace OnnxTransfer.FineTuning;

/// <summary>
/// The binary cross-entropy of independent labels: the mean over images of the mean or the sum over classes of
/// log(1 + exp s) - s t, which overflows for no score s.
/// </summary>
internal static class SigmoidCrossEntropy
{
    /// <summary>Appends the loss and returns its name: a scalar.</summary>
    /// <param name="builder">Receives the nodes.</param>
    /// <param name="logits">The scores: [N, K].</param>
    /// <param name="targets">How far each label holds, from 0 to 1: [N, K].</param>
    /// <param name="summed">K: over classes the sum is taken, as heads take it; 1: the mean.</param>
    public static string Append(GraphBuilder builder, string logits, string targets, int summed = 1)
    {
        var product = builder.Add("Mul", [logits, targets], "loss/products");
        var losses = builder.Add("Sub", [builder.Add("Softplus", [logits], "loss/softplus"), product], "loss/each");
        var sum = builder.Add("ReduceSum", [losses], "loss/sum", ("keepdims", 0L));
        var count = builder.Add("Cast", [builder.Add("Size", [targets], "loss/size")], "loss/count", ("to", (long)DataType.Float));
        var images = summed > 1 ? builder.Add("Div", [count, builder.Constant("loss/classes", [(float)summed])], "loss/images") : count;
        return builder.Add("Div", [sum, images], "loss");
    }
}
