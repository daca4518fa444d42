using OnnxTransfer.Onnx;
using OnnxTransfer.Onnx.Protos;

namespace OnnxTransfer.Engine;

/// <summary>
/// The tensors worth listing: activations after their non-linearity, the ends of blocks (sums and joins of branches) where
/// no activation follows, poolings on the main path. Gates, what is computed of a whole map beside the main path
/// (squeeze-and-excitation), and repeats under another name or shape are left out; they can be tapped by name.
/// </summary>
internal sealed class ShownTaps(GraphShapes shapes, ImageFlow flow, MainPath path)
{
    private readonly Graph graph = shapes.Graph;

    /// <summary>Whether the tensor is listed.</summary>
    public bool Has(string tensor)
    {
        if (graph.Producer(tensor) is not { } node || !flow.Carries(tensor) || (!path.Has(tensor) && flow.Stride(tensor) is null))
        {
            return false;
        }

        return (Operators.IsActivation(node.OpType) && !IsGate(tensor))
            || (IsGated(node) && !IsScaledNext(tensor))
            || IsScaledGate(node)
            || (Operators.IsPooling(graph, node) && path.Has(tensor))
            || (IsJoin(node) && !graph.Consumers(tensor).All(n => Operators.IsActivation(n.OpType) && !IsGate(n.Output[0])));
    }

    /// <summary>Whether a tensor ends a block, or pools: a join of branches, the activation of one, or a pooling.</summary>
    public bool IsEnd(string tensor)
    {
        var node = graph.Producer(tensor)!;
        return Operators.IsPooling(graph, node) || IsJoin(node)
            || (Operators.IsActivation(node.OpType) && flow.Carriers(node).Any(source => graph.Producer(source) is { } before && IsJoin(before)));
    }

    // Sigmoid in x sigmoid(x), and any activation that only scales another tensor.
    private bool IsGate(string tensor) =>
        graph.Consumers(tensor) is { Count: > 0 } users
        && users.All(n => n.OpType is "Mul" && flow.Carriers(n).Count() == 2);

    // x sigmoid(x), x Phi(x): the product of two maps of one shape. A gate of one value per channel is no activation.
    private bool IsGated(NodeProto node) =>
        node.OpType == "Mul" && flow.Carriers(node).ToList() is [var a, var b] && shapes.Shape(a) is { } shape && shape.Equals(shapes.Shape(b));

    // The constant factor that some exporters put last: x (1 + erf) / 2, x clip(x + 3) / 6.
    private bool IsScaled(NodeProto node) =>
        node.OpType is "Mul" or "Div" && node.Input.Any(i => graph.Constant(i) is { } factor && TensorData.Elements(factor) == 1);

    private bool IsScaledNext(string tensor) => graph.Consumers(tensor) is [var only] && IsScaled(only);

    private bool IsScaledGate(NodeProto node) =>
        IsScaled(node) && flow.Carriers(node).ToList() is [var source] && graph.Producer(source) is { } gated && IsGated(gated)
        && IsScaledNext(source);

    private bool IsJoin(NodeProto node) => node.OpType is "Add" or "Sum" or "Concat" && flow.Carriers(node).Count() > 1;
}
