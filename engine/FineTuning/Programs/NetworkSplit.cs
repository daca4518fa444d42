using OnnxTransfer.Onnx;
using OnnxTransfer.Onnx.Protos;

namespace OnnxTransfer.FineTuning;

/// <summary>A network in two parts: what no weight that is learned comes before, and the rest.</summary>
/// <param name="Frozen">From the images to <paramref name="Border"/>; null where the rest takes the images themselves.</param>
/// <param name="Border">The tensors between the two, the inputs of the rest.</param>
/// <param name="Rest">From the border to the logits.</param>
internal sealed record NetworkSplit(OnnxModel? Frozen, IReadOnlyList<string> Border, OnnxModel Rest)
{
    /// <summary>Splits a network as late as can be: the frozen part is run once for each image, and needs no gradient.</summary>
    /// <param name="shapes">The network with the shapes of its tensors; its weights are initializers.</param>
    /// <param name="image">The image input.</param>
    /// <param name="output">The tensor that the rest computes.</param>
    /// <param name="learned">The weights that are learned.</param>
    public static NetworkSplit Of(GraphShapes shapes, string image, string output, IReadOnlySet<string> learned)
    {
        var graph = shapes.Graph;
        var nodes = graph.Ancestors(output);
        var (carries, varies) = (Reach(graph, nodes, [image]), Reach(graph, nodes, learned));
        var moving = nodes.Where(node => graph.Dependencies(node).Any(varies.Contains)).ToList();
        string[] border = [.. moving.SelectMany(graph.Dependencies).Where(tensor => carries.Contains(tensor) && !varies.Contains(tensor)).Distinct()];
        return border is [var only] && only == image
            ? new NetworkSplit(null, border, Cut.At(graph.Model, [output]))
            : new NetworkSplit(Cut.At(graph.Model, border), border, After(shapes, border, output));
    }

    // The nodes that the output needs, with the border in the place of what makes it.
    private static OnnxModel After(GraphShapes shapes, string[] border, string output)
    {
        var graph = shapes.Graph;
        var (needed, open) = (new HashSet<NodeProto>(ReferenceEqualityComparer.Instance), new Stack<string>([output]));
        while (open.TryPop(out var tensor))
        {
            if (!border.Contains(tensor) && graph.Producer(tensor) is { } node && needed.Add(node))
            {
                foreach (var dependency in graph.Dependencies(node))
                {
                    open.Push(dependency);
                }
            }
        }

        var rest = Cut.At(graph.Model, [output]).Proto.Clone();
        var kept = graph.Nodes.Where(needed.Contains).ToList();
        var read = kept.SelectMany(graph.Dependencies).ToHashSet(StringComparer.Ordinal);
        (var unread, rest.Graph.Name) = (rest.Graph.Initializer.Where(tensor => !read.Contains(tensor.Name)).ToList(), "rest");
        rest.Graph.Node.Clear();
        rest.Graph.Node.AddRange(kept.Select(node => node.Clone()));
        unread.ForEach(tensor => rest.Graph.Initializer.Remove(tensor));
        rest.Graph.Input.Clear();
        rest.Graph.ValueInfo.Clear();
        var builder = new GraphBuilder(graph.Model.WithProto(rest));
        foreach (var tensor in border)
        {
            builder.Input(tensor, shapes.Type(tensor), [.. shapes.Shape(tensor)!.Dims.Select(dim => dim.Value is { } number ? (object)number : dim.Symbol ?? "unknown")]);
        }

        return builder.Build();
    }

    private static HashSet<string> Reach(Graph graph, IReadOnlyList<NodeProto> nodes, IEnumerable<string> from)
    {
        var reached = from.ToHashSet(StringComparer.Ordinal);
        foreach (var node in nodes.Where(node => graph.Dependencies(node).Any(reached.Contains)))
        {
            reached.UnionWith(node.Output.Where(tensor => tensor.Length > 0));
        }

        return reached;
    }
}
