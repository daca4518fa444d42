using OnnxTransfer.Onnx.Protos;
using static OnnxTransfer.Onnx.Protos.TensorProto.Types;

namespace OnnxTransfer.Onnx;

/// <summary>A node as its rule sees it: attributes, and what is known of its inputs.</summary>
internal sealed class NodeFacts(NodeProto node, Graph graph, Func<string, TensorFacts> facts)
{
    /// <summary>The operator.</summary>
    public string Op => node.OpType;

    /// <summary>The version of the default operator set.</summary>
    public long Opset => graph.Model.Opset;

    /// <summary>The number of outputs.</summary>
    public int Outputs => node.Output.Count;

    /// <summary>The number of inputs, omitted ones in the middle included.</summary>
    public int Inputs => node.Input.Count;

    /// <summary>Whether the input is there.</summary>
    public bool Has(int input) => input < node.Input.Count && node.Input[input].Length > 0;

    /// <summary>What is known of an input.</summary>
    public TensorFacts Input(int input) => Has(input) ? facts(node.Input[input]) : TensorFacts.Nothing;

    /// <summary>The element type of an input.</summary>
    public DataType Type(int input) => Input(input).Type;

    /// <summary>The shape of an input, or null.</summary>
    public TensorShape? Shape(int input) => Input(input).Shape;

    /// <summary>The elements of an input, or null.</summary>
    public IReadOnlyList<Dim>? Values(int input) => Input(input).Values;

    /// <summary>The elements of an input where all are numbers, else null.</summary>
    public long[]? Longs(int input) =>
        Values(input) is { } values && values.All(v => v.Value is not null) ? [.. values.Select(v => v.Value!.Value)] : null;

    /// <summary>The value of a Constant node, or null.</summary>
    public TensorProto? Constant => graph.Constant(node.Output[0]);

    /// <summary>The elements of a constant floating-point input, or null.</summary>
    public float[]? Floats(int input) =>
        Has(input) && graph.Constant(node.Input[input]) is { } tensor && TensorData.IsFloating(tensor) ? TensorData.Floats(tensor) : null;

    /// <summary>A whole-number attribute.</summary>
    public long Int(string name, long otherwise) => node.Int(name, otherwise);

    /// <summary>A list of whole numbers, or null where the node has none.</summary>
    public long[]? Ints(string name) => node.Ints(name);

    /// <summary>A list of floating-point numbers, or null.</summary>
    public float[]? FloatList(string name) => node.Floats(name);

    /// <summary>A text attribute.</summary>
    public string Text(string name, string otherwise) => node.Text(name, otherwise);

    /// <summary>A tensor attribute, or null.</summary>
    public TensorProto? Tensor(string name) => node.Attribute(name)?.T;

    /// <summary>Whole numbers that are an input from some operator set on and an attribute before; null where neither is known.</summary>
    public long[]? IntsOf(string name, int input) => Has(input) ? Longs(input) : Ints(name);

    /// <summary>Counts a negative axis from the end.</summary>
    public int Axis(long axis, int rank) =>
        axis >= -rank && axis < rank ? (int)(axis < 0 ? axis + rank : axis) : throw Impossible($"works on axis {axis} of a tensor of rank {rank}");

    /// <summary>The one output, of the type of the first input.</summary>
    public TensorFacts[] Gives(TensorShape? shape, IReadOnlyList<Dim>? values = null) => TensorFacts.One(Type(0), shape, values);

    /// <summary>The one output, of the type of the first input, of which no more is known.</summary>
    public TensorFacts[] Unknown() => Gives(null);

    /// <summary>The node cannot work on these inputs.</summary>
    public ImpossibleShapeException Impossible(string why) =>
        new(node.Name.Length > 0 ? $"{node.OpType} node {node.Name} {why}" : $"{graph.DisplayName(node)} {why}");
}
