using OnnxTransfer.Onnx;

namespace OnnxTransfer.FineTuning;

/// <summary>Networks whose weights are whole numbers.</summary>
internal static class Quantised
{
    /// <summary>Refuses them where something is learned: a small step of a whole number is none.</summary>
    /// <param name="graph">The network.</param>
    /// <param name="part">What is learned; before it the network may be quantised.</param>
    /// <exception cref="OnnxTransferException"><see cref="FailureKind.Model"/>: a node computes with whole-number weights.</exception>
    public static void Refuse(Graph graph, LearnedPart part)
    {
        if (graph.Nodes.Where(part.Moves).FirstOrDefault(node => node.OpType is "DequantizeLinear" or "QuantizeLinear" or "DynamicQuantizeLinear" or "ConvInteger" or "MatMulInteger"
            || node.OpType.StartsWith("QLinear", StringComparison.Ordinal)) is { } node)
        {
            throw new OnnxTransferException(
                FailureKind.Model, $"{graph.Model.Name} is quantised (node {node.Name}, {node.OpType}), and whole-number weights cannot be fine-tuned; fine-tune the float model and quantise the result, or train the head alone (--train-from head).");
        }
    }
}
