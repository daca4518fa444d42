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
    private readonly Dictionary<NodeProto, long> sums = new(ReferenceEqualityComparer.Instance);

    /// <summary>Counts every node whose shapes are known but for the batch.</summary>
    public Costs(GraphShapes shapes)
    {
        ArgumentNullException.ThrowIfNull(shapes);
        graph = shapes.Graph;
        foreach (var node in graph.Nodes)
        {
            nodes[node] = Count(node, shapes);
        }

        SumUp();
        Total = graph.Ancestors(graph.Outputs.Select(o => o.Name)).Aggregate(0L, (sum, node) => Add(sum, nodes[node]));
    }

    /// <summary>The multiply-accumulates that the model's outputs need.</summary>
    public long Total { get; }

    /// <summary>The multiply-accumulates of one node.</summary>
    public long Of(NodeProto node) => nodes[node];

    /// <summary>The multiply-accumulates of everything that a tensor needs.</summary>
    public long UpTo(string tensor) => graph.Producer(tensor) is { } node ? sums[node] : 0;

    /// <summary>What a tensor needs as a share of what the outputs need, in percent; 100 where nothing costs anything.</summary>
    public double PercentUpTo(string tensor) => Total == 0 ? 100 : 100.0 * UpTo(tensor) / Total;

    /// <summary>What several tensors need together, as a share of what the outputs need, in percent; 100 where nothing costs anything.</summary>
    public double PercentUpTo(IReadOnlyList<string> tensors) => Total == 0 ? 100 : 100.0 * graph.Ancestors(tensors).Sum(Of) / Total;

    // A node's sum is its own cost, that of the nodes behind it up to the last one that all of them go back to, and that
    // one's sum. Going back from the last node to the first, what has been found is never an ancestor of what is still open.
    private void SumUp()
    {
        var positions = new Dictionary<NodeProto, int>(ReferenceEqualityComparer.Instance);
        foreach (var node in graph.Nodes)
        {
            positions[node] = positions.Count;
            var open = new PriorityQueue<NodeProto, int>();
            var found = new HashSet<NodeProto>(ReferenceEqualityComparer.Instance);
            var sum = nodes[node];
            Open(node);
            while (open.TryDequeue(out var last, out _))
            {
                sum = Add(sum, open.Count == 0 ? sums[last] : nodes[last]);
                if (open.Count > 0)
                {
                    Open(last);
                }
            }

            sums[node] = sum;

            // What costs nothing, and with it all before it, need not be found: constants, for one.
            void Open(NodeProto reader)
            {
                foreach (var producer in graph.Dependencies(reader).Select(graph.Producer).OfType<NodeProto>())
                {
                    if (sums[producer] > 0 && found.Add(producer))
                    {
                        open.Enqueue(producer, -positions[producer]);
                    }
                }
            }
        }
    }

    // Shapes that no machine could hold must not overflow the sum.
    private static long Add(long sum, long more) => (long)Int128.Min((Int128)sum + more, long.MaxValue);

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
        return Math.Max(macs.Factor ?? 0, 0);
    }
}
