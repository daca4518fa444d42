using static OnnxTransfer.Onnx.Protos.TensorProto.Types;

namespace OnnxTransfer.Onnx;

/// <summary>What <see cref="ShapeInference"/> found for the tensors of one graph.</summary>
public sealed class GraphShapes
{
    private readonly Dictionary<string, TensorFacts> facts;

    internal GraphShapes(Graph graph, Dictionary<string, TensorFacts> facts) => (Graph, this.facts) = (graph, facts);

    /// <summary>The graph.</summary>
    public Graph Graph { get; }

    /// <summary>The shape of a tensor, or null where it is unknown or impossible.</summary>
    public TensorShape? Shape(string tensor) => Facts(tensor).Shape;

    /// <summary>The element type of a tensor; UNDEFINED where it is unknown.</summary>
    public DataType Type(string tensor) => Facts(tensor).Type;

    /// <summary>Why the tensor cannot be computed at these input shapes: the node that fails and how; null where it can.</summary>
    public string? Impossible(string tensor) => Facts(tensor).Impossible;

    /// <summary>The elements of a small tensor of whole numbers where all are known before anything runs, else null.</summary>
    public long[]? Longs(string tensor) =>
        Facts(tensor).Values is { } values && values.All(value => value.Value is not null) ? [.. values.Select(value => value.Value!.Value)] : null;

    /// <summary>All that is known of a tensor.</summary>
    internal TensorFacts Facts(string tensor) => facts.TryGetValue(tensor, out var known)
        ? known
        : Graph.Constant(tensor) is { } constant ? ShapeInference.Constant(constant) : TensorFacts.Nothing;
}
