using OnnxTransfer.Onnx;
using static OnnxTransfer.Onnx.Protos.TensorProto.Types;

namespace OnnxTransfer.FineTuning;

/// <summary>Networks whose weights are whole numbers.</summary>
internal static class Quantised
{
    /// <summary>Refuses them: a small step of a whole number is none.</summary>
    /// <exception cref="OnnxTransferException"><see cref="FailureKind.Model"/>: a node computes with whole-number weights.</exception>
    public static void Refuse(OnnxModel model)
    {
        var stored = model.Proto.Graph.Initializer.Where(tensor => tensor.Dims.Count > 1 && TensorData.Type(tensor) is DataType.Int8 or DataType.Uint8)
            .Select(tensor => tensor.Name).ToHashSet(StringComparer.Ordinal);
        if (model.Proto.Graph.Node.FirstOrDefault(node => node.OpType is "DequantizeLinear" or "QuantizeLinear" or "DynamicQuantizeLinear" or "ConvInteger" or "MatMulInteger"
            || node.OpType.StartsWith("QLinear", StringComparison.Ordinal) || (node.OpType == "Cast" && stored.Contains(node.Input[0]))) is { } node)
        {
            throw new OnnxTransferException(
                FailureKind.Model, $"{model.Name} is quantised (node {node.Name}, {node.OpType}), and whole-number weights cannot be fine-tuned; fine-tune the float model and quantise the result.");
        }
    }
}
