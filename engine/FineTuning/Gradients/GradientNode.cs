using OnnxTransfer.Onnx;
using OnnxTransfer.Onnx.Protos;
using static OnnxTransfer.Onnx.Protos.TensorProto.Types;

namespace OnnxTransfer.FineTuning;

/// <summary>
/// A node as its gradient rule sees it: its inputs, outputs and shapes, the gradients that have come to its outputs, and the
/// graph that the rule appends nodes to.
/// </summary>
internal sealed class GradientNode(NodeProto node, GradientWalk walk)
{
    /// <summary>The operator.</summary>
    public string Op => node.OpType;

    /// <summary>The node, for its attributes.</summary>
    public NodeProto Node => node;

    /// <summary>The number of inputs, omitted ones in the middle included.</summary>
    public int Inputs => node.Input.Count;

    /// <summary>The number of outputs.</summary>
    public int Outputs => node.Output.Count;

    /// <summary>The graph that receives the nodes.</summary>
    public GraphBuilder Graph => walk.Builder;

    /// <summary>The shapes of the graph that is differentiated.</summary>
    public GraphShapes Shapes => walk.Shapes;

    /// <summary>The node that makes an input, or null where it is given.</summary>
    public GradientNode? Producer(int input) => walk.Shapes.Graph.Producer(Input(input)) is { } producer ? new GradientNode(producer, walk) : null;

    /// <summary>Whether the input is there.</summary>
    public bool Has(int input) => input < node.Input.Count && node.Input[input].Length > 0;

    /// <summary>The tensor that is an input.</summary>
    public string Input(int input) => node.Input[input];

    /// <summary>The tensor that is an output.</summary>
    public string Output(int output = 0) => node.Output[output];

    /// <summary>Whether the gradient of an input is asked for: a rule need not compute it otherwise.</summary>
    public bool Needs(int input) => Has(input) && walk.Varies(node.Input[input]);

    /// <summary>The gradient of the result by an output; null where none has come.</summary>
    public string? GradientOf(int output) => output < node.Output.Count ? walk.Arrived(node.Output[output]) : null;

    /// <summary>The gradient of the result by the first output, which a rule is not called without unless the node has others.</summary>
    public string Gradient => GradientOf(0) ?? throw Unsupported("passes gradients on from other outputs than its first");

    /// <summary>The shape of a tensor; the batch is a symbol.</summary>
    /// <exception cref="NoGradientException">The rank is not known.</exception>
    public TensorShape Shape(string tensor) => walk.Shapes.Shape(tensor) ?? throw Unsupported($"works on '{tensor}', whose shape is not known");

    /// <summary>An extent that must be a number.</summary>
    /// <exception cref="NoGradientException">It is open.</exception>
    public long Extent(string tensor, int axis) =>
        Shape(tensor)[axis].Value ?? throw Unsupported($"works on '{tensor}' of {Shape(tensor)}, where axis {axis} must have a fixed size");

    /// <summary>The element type of a tensor; float32 where it is not known.</summary>
    public DataType Type(string tensor) => walk.Shapes.Type(tensor) is not DataType.Undefined and var type ? type : DataType.Float;

    /// <summary>An input that is constant, or null where it is left out or is computed.</summary>
    public TensorProto? Constant(int input) => Has(input) ? walk.Shapes.Graph.Constant(Input(input)) : null;

    /// <summary>The elements of a whole-number input that are known before the graph runs, or null where it is left out or they are not.</summary>
    public long[]? ConstantLongs(int input) =>
        Constant(input) is { } tensor ? TensorData.Longs(tensor) : Has(input) ? walk.Shapes.Longs(Input(input)) : null;

    /// <summary>The elements of a floating-point input that is constant, or null where it is left out or is computed.</summary>
    public float[]? ConstantFloats(int input) => Constant(input) is { } tensor ? TensorData.Floats(tensor) : null;

    /// <summary>Counts a negative axis from the end.</summary>
    public static int Axis(long axis, int rank) => (int)(axis < 0 ? axis + rank : axis);

    /// <summary>Appends a node with one output and returns its name.</summary>
    public string Add(string op, IReadOnlyList<string> inputs, params (string Name, object Value)[] attributes) =>
        Graph.Add(op, inputs, $"gradient/{node.Output.First(output => output.Length > 0)}/{op}", attributes);

    /// <summary>Appends a node with several outputs and returns their names.</summary>
    public IReadOnlyList<string> Add(string op, IReadOnlyList<string> inputs, int outputs, params (string Name, object Value)[] attributes) =>
        Graph.Add(string.Empty, op, inputs, [.. Enumerable.Range(0, outputs).Select(i => $"gradient/{Output()}/{op}/{i}")], attributes);

    /// <summary>a b.</summary>
    public string Mul(string a, string b) => Add("Mul", [a, b]);

    /// <summary>1 where a condition holds, else 0: with products it does what Where does, in a tenth of the time.</summary>
    public string Indicator(string condition) => Add("Cast", [condition], ("to", (long)DataType.Float));

    /// <summary>1 where a tensor is over a number, else 0.</summary>
    public string Over(string tensor, float number) => Indicator(Add("Greater", [tensor, Scalar(number)]));

    /// <summary>A float32 scalar; the same one for the same value.</summary>
    public string Scalar(float value) => walk.Scalar(value);

    /// <summary>An int64 vector; the same one for the same values.</summary>
    public string Longs(params long[] values) => walk.Longs(values);

    /// <summary>Sums over axes: opset 13 and later, axes as an input.</summary>
    public string Sum(string tensor, long[] axes, bool keep) =>
        axes.Length == 0 ? tensor : Add("ReduceSum", [tensor, Longs(axes)], ("keepdims", keep ? 1L : 0L));

    /// <summary>Repeats a tensor, whose extents along some axes are 1, as another tensor of the graph is long along these.</summary>
    public string Repeat(string repeated, string tensor, IReadOnlyCollection<int> axes)
    {
        var shape = Shape(tensor);
        var wanted = axes.All(axis => shape[axis].Value is not null)
            ? Longs([.. shape.Dims.Select((dim, axis) => axes.Contains(axis) ? dim.Value!.Value : 1)])
            : Add("Shape", [tensor]);
        return Add("Expand", [repeated, wanted]);
    }

    /// <summary>A tensor in the shape of another with as many elements; that one is read only where its shape is not known before.</summary>
    public string ReshapeAs(string reshaped, string tensor) => Add("Reshape", [reshaped, Like(tensor, open: 1)]);

    /// <summary>Zeros in the shape of a tensor.</summary>
    public string Zeros(string tensor) => Add("Expand", [Scalar(0), Like(tensor, open: 0)]);

    /// <summary>The number of elements of a tensor, as a float32 scalar.</summary>
    public string Count(string tensor) => Add("Cast", [Add("Size", [tensor])], ("to", (long)DataType.Float));

    /// <summary>Gives an input its gradient, or a share of it: what comes from several nodes is added up.</summary>
    public void Give(int input, string gradient) => walk.Give(Input(input), gradient);

    /// <summary>Gives any tensor a share of its gradient: for rules of nodes that stand for several.</summary>
    public void Give(string tensor, string gradient) => walk.Give(tensor, gradient);

    /// <summary>The node cannot be differentiated.</summary>
    /// <param name="why">Why, as the end of a sentence.</param>
    public NoGradientException Unsupported(string why) => new(Output(), $"The {Op} node {walk.Shapes.Graph.DisplayName(node)}", why);

    // A tensor's shape as numbers, with -1 for as many as may be open, or else read from the tensor.
    private string Like(string tensor, int open) =>
        walk.Shapes.Shape(tensor) is { } shape && shape.Dims.Count(dim => dim.Value is null) <= open && shape.Dims.All(dim => dim.Value != 0)
            ? Longs([.. shape.Dims.Select(dim => dim.Value ?? -1)])
            : Add("Shape", [tensor]);
}
