using OnnxTransfer.Onnx.Protos;

namespace OnnxTransfer.Onnx;

/// <summary>
/// What computing a graph's tensors costs for one image, in multiply-accumulates: those of convolutions and matrix
/// products, which are nearly all of a network's arithmetic; everything else counts as 0.
/// </summary>
public sealed class Costs
{
    private readonly Graph graph;
    private readonly Dictionary<NodeProto, long> nodes = new(ReferenceEqualityComparer.Instance);

    /// <summary>Counts every node whose shapes are known but for the batch.</summary>
    public Costs(GraphShapes shapes)
    {
        ArgumentNullException.ThrowIfNull(shapes);
        graph = shapes.Graph;
        foreach (var node in graph.Nodes)
        {
            nodes[node] = Count(node, shapes);
        }

        Total = graph.Ancestors(graph.Outputs.Select(o => o.Name)).Aggregate(0L, Add);
    }

    /// <summary>The multiply-accumulates that the model's outputs need.</summary>
    public long Total { get; }

    /// <summary>The multiply-accumulates of one node.</summary>
    public long Of(NodeProto node) => nodes[node];

    /// <summary>The multiply-accumulates of everything that a tensor needs.</summary>
    public long UpTo(string tensor) => graph.Ancestors(tensor).Aggregate(0L, Add);

    /// <summary>What a tensor needs as a share of what the outputs need, in percent; 100 where nothing costs anything.</summary>
    public double PercentUpTo(string tensor) => Total == 0 ? 100 : 100.0 * UpTo(tensor) / Total;

    // Shapes that no machine could hold must not overflow the sum.
    private long Add(long sum, NodeProto node) => (long)Int128.Clamp((Int128)sum + nodes[node], 0, long.MaxValue);

    // Elements of the output times what is added up for each; symbols (the batch) count as one image.
    private static long Count(NodeProto node, GraphShapes shapes)
    {
        if (ShapeRules.Of(node) is null || node.Input.Count < 2
            || shapes.Shape(node.Input[0]) is not { } input || shapes.Shape(node.Input[1]) is not { } weights
            || shapes.Shape(node.Output[0]) is not { } output)
        {
            return 0;
        }

        var macs = node.OpType switch
        {
            "Conv" => Dim.Product(output.Dims) * Dim.Product(weights.Dims.Skip(1)),
            "ConvTranspose" => Dim.Product(input.Dims) * Dim.Product(weights.Dims.Skip(1)),
            "Gemm" => Dim.Product(output.Dims) * (node.Attribute.FirstOrDefault(a => a.Name == "transA")?.I is 1 ? input[0] : input[1]),
            "MatMul" => Dim.Product(output.Dims) * input[input.Rank - 1],
            _ => 0,
        };
        return macs.Factor ?? 0;
    }
}
