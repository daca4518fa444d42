using OnnxTransfer.Onnx;
using static OnnxTransfer.Onnx.Protos.TensorProto.Types;

namespace OnnxTransfer.FineTuning;

/// <summary>
/// The squared hinge, each class against all others: the mean over images of the sum over classes of max(0, 1 - y s)², with
/// y = 2 t - 1 and s the score.
/// </summary>
internal static class SquaredHinge
{
    /// <summary>Appends the loss and returns its name: a scalar.</summary>
    /// <param name="builder">Receives the nodes.</param>
    /// <param name="logits">The scores: [N, K].</param>
    /// <param name="targets">1 for the image's class, else 0: [N, K].</param>
    /// <param name="classes">K.</param>
    public static string Append(GraphBuilder builder, string logits, string targets, int classes)
    {
        var one = builder.Constant("loss/one", [1f]);
        var sides = builder.Add("Sub", [builder.Add("Add", [targets, targets], "loss/double"), one], "loss/sides");
        var margins = builder.Add("Sub", [one, builder.Add("Mul", [sides, logits], "loss/products")], "loss/margins");
        var gaps = builder.Add("Relu", [margins], "loss/gaps");
        var sum = builder.Add("ReduceSum", [builder.Add("Mul", [gaps, gaps], "loss/squares")], "loss/sum", ("keepdims", 0L));
        var size = builder.Add("Cast", [builder.Add("Size", [targets], "loss/size")], "loss/count", ("to", (long)DataType.Float));
        var images = builder.Add("Div", [size, builder.Constant("loss/classes", [(float)classes])], "loss/images");
        return builder.Add("Div", [sum, images], "loss");
    }
}
