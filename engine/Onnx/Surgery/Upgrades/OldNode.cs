using Google.Protobuf;
using OnnxTransfer.Onnx.Protos;
using static OnnxTransfer.Onnx.Protos.TensorProto.Types;

namespace OnnxTransfer.Onnx;

/// <summary>A model on its way to a later operator set.</summary>
/// <param name="Model">The model as it was.</param>
/// <param name="Shapes">What is known of the tensors of its main graph.</param>
/// <param name="Names">The names of all tensors and nodes, to which new ones are added.</param>
internal sealed record Raised(OnnxModel Model, GraphShapes Shapes, HashSet<string> Names)
{
    /// <summary>The operator set that the model was written for.</summary>
    public long Opset => Model.Opset;
}

/// <summary>
/// A node as the rule of its operator sees it: its attributes are taken away, its inputs appended, and nodes put before and
/// after it.
/// </summary>
internal sealed class OldNode(NodeProto node, GraphProto graph, Raised raised)
{
    private readonly List<NodeProto> before = [], after = [];

    /// <summary>The node, changed in place.</summary>
    public NodeProto Node => node;

    /// <summary>The operator set that it is written for.</summary>
    public long Opset => raised.Opset;

    /// <summary>What takes its place.</summary>
    public IEnumerable<NodeProto> Result => [.. before, node, .. after];

    /// <summary>Whether an output is there and someone reads it.</summary>
    public bool Uses(int output) => output < node.Output.Count && node.Output[output].Length > 0
        && (raised.Shapes.Graph.Consumers(node.Output[output]).Count > 0
            || raised.Shapes.Graph.Producer(node.Output[output]) is null
            || graph.Output.Any(o => o.Name == node.Output[output]));

    /// <summary>The tensor that is an input.</summary>
    public string Input(int input) => input < node.Input.Count ? node.Input[input] : throw Unsupported($"lacks its input {input}");

    /// <summary>The shape of an input, or null where it is not known: of what a body makes it never is.</summary>
    public TensorShape? Shape(int input) => raised.Shapes.Shape(Input(input));

    /// <summary>The elements of a constant floating-point input, or null.</summary>
    public float[]? ConstantFloats(int input) => raised.Shapes.Graph.Constant(Input(input)) is { } tensor ? TensorData.Floats(tensor) : null;

    /// <summary>Takes an attribute off the node; null where it has none.</summary>
    public AttributeProto? Take(string name)
    {
        var attribute = node.Attribute(name);
        if (attribute is not null)
        {
            node.Attribute.Remove(attribute);
        }

        return attribute;
    }

    /// <summary>Gives the node a whole-number attribute instead of the one it has.</summary>
    public void Set(string name, long value)
    {
        Take(name);
        node.Attribute.Add(Whole(name, value));
    }

    /// <summary>Gives the node a text attribute instead of the one it has.</summary>
    public void Set(string name, string value)
    {
        Take(name);
        node.Attribute.Add(new AttributeProto { Name = name, S = ByteString.CopyFromUtf8(value), Type = AttributeProto.Types.AttributeType.String });
    }

    /// <summary>Makes a list of whole numbers that was an attribute the input at a place; nothing where the node has none.</summary>
    public void FeedList(int input, string attribute)
    {
        if (Take(attribute) is { } list)
        {
            Feed(input, Longs(attribute, [.. list.Ints], list.Ints.Count));
        }
    }

    /// <summary>Makes a tensor the input at a place; inputs before it that the node lacks are left out.</summary>
    public void Feed(int input, string tensor)
    {
        while (node.Input.Count <= input)
        {
            node.Input.Add(string.Empty);
        }

        node.Input[input] = tensor;
    }

    /// <summary>A new int64 constant.</summary>
    public string Longs(string name, long[] values, params long[] dims) => Constant(TensorData.Of(Unique(name), values, dims));

    /// <summary>A new float32 constant.</summary>
    public string Floats(string name, float[] values, params long[] dims) => Constant(TensorData.Of(Unique(name), values, dims));

    /// <summary>A new scalar of the element type of the first input.</summary>
    public string ScalarLike(string name, float value)
    {
        var scalar = Floats(name, [value]);
        return raised.Shapes.Type(Input(0)) == DataType.Float ? scalar : Before("CastLike", [scalar, Input(0)]);
    }

    /// <summary>Puts a node before this one and returns the name of its output.</summary>
    public string Before(string op, string[] inputs, params (string Name, long Value)[] attributes)
    {
        var output = Unique(op);
        before.Add(new NodeProto { OpType = op, Name = Unique($"{op}_node"), Input = { inputs }, Output = { output }, Attribute = { attributes.Select(a => Whole(a.Name, a.Value)) } });
        return output;
    }

    /// <summary>Puts a node after this one that makes its output from an intermediate one and another tensor.</summary>
    public void After(string op, string other)
    {
        var output = node.Output[0];
        node.Output[0] = Unique(op);
        after.Add(new NodeProto { OpType = op, Name = Unique($"{op}_node"), Input = { node.Output[0], other }, Output = { output } });
    }

    /// <summary>The node's meaning is lost in operator set 17.</summary>
    /// <param name="what">What it does, as the middle of a sentence.</param>
    public OnnxTransferException Unsupported(string what) => new(
        FailureKind.Model,
        $"The {node.OpType} node {raised.Shapes.Graph.DisplayName(node)} of {raised.Model.Name} {what}, which operator set 17 does not have; export the model again with opset 17.");

    private static AttributeProto Whole(string name, long value) => new() { Name = name, I = value, Type = AttributeProto.Types.AttributeType.Int };

    private string Constant(TensorProto tensor)
    {
        graph.Initializer.Add(tensor);
        return tensor.Name;
    }

    private string Unique(string what)
    {
        var wanted = $"{node.Output.First(output => output.Length > 0)}/{what}";
        var name = wanted;
        for (var i = 1; !raised.Names.Add(name); i++)
        {
            name = $"{wanted}_{i}";
        }

        return name;
    }
}
