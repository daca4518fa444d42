using OnnxTransfer.Onnx.Protos;

namespace OnnxTransfer.Onnx;

/// <summary>
/// The batch as the symbol "N". A model exported for one batch size is made to run for any: shapes that bake the batch into
/// a Reshape, and constants made for one image, are repaired. What cannot be repaired is refused by the node's name, because
/// such a graph would fail, or mix up images, in the middle of a run.
/// </summary>
internal static class SymbolicBatch
{
    /// <summary>The symbol of the batch.</summary>
    public const string Symbol = "N";

    /// <summary>Applies the change to the one input of rank 4; does nothing where there is none, or several.</summary>
    public static void Apply(ModelProto proto, OnnxModel origin)
    {
        var images = new Graph(origin.WithProto(proto)).Inputs.Where(i => i.Type?.TensorType?.Shape?.Dim.Count == 4).ToList();
        if (images is not [var image])
        {
            return;
        }

        var dims = image.Type.TensorType.Shape.Dim;
        var first = dims[0];
        var named = first.HasDimParam ? first.DimParam : "";
        if (named != Symbol)
        {
            Rename(proto.Graph, Symbol, Unused(proto.Graph));
        }

        if (first is { HasDimValue: true, DimValue: >= 1 })
        {
            Free(proto, origin, image, first);
            return;
        }

        if (named.Length > 0)
        {
            Rename(proto.Graph, named, Symbol);
        }

        first.DimParam = Symbol;
        var side = Unused(proto.Graph);
        foreach (var dim in dims.Skip(1).Where(d => d.HasDimParam && d.DimParam == Symbol))
        {
            // Some exporters call every open extent the same; the sides of an image are not the number of images.
            dim.DimParam = side;
        }
    }

    private static void Free(ModelProto proto, OnnxModel origin, ValueInfoProto image, TensorShapeProto.Types.Dimension first)
    {
        var walk = new BatchWalk(new Graph(origin.WithProto(proto)), image.Name, first.DimValue);
        first.DimParam = Symbol;
        walk.Repair(proto, () => ShapeInference.Infer(new Graph(origin.WithProto(proto))));
        foreach (var output in proto.Graph.Output)
        {
            walk.Declare(output, Symbol);
        }

        // The shapes noted for inner values are those of the old batch.
        proto.Graph.ValueInfo.Clear();
        Check(new Graph(origin.WithProto(proto)), walk);
    }

    // The shapes must come out with the symbol where the images are: a number there is a batch that is still built in, and
    // an unknown one may be.
    private static void Check(Graph graph, BatchWalk walk)
    {
        var shapes = ShapeInference.Infer(graph);
        foreach (var node in graph.Nodes)
        {
            foreach (var output in node.Output.Where(o => graph.Consumers(o).Count > 0 || graph.Outputs.Any(declared => declared.Name == o)))
            {
                var place = walk.PlaceOf(output);
                if (shapes.Impossible(output) is { } reason && (place is not null || walk.WasPossible(output)))
                {
                    throw walk.Refuse(reason);
                }

                if (place is { } images && !(shapes.Shape(output) is { } shape && images.Axis < shape.Rank && shape[images.Axis].Has(Symbol)))
                {
                    throw walk.Refuse($"{graph.DisplayName(node)} makes the shape {shapes.Shape(output)?.ToString() ?? "?"}, in which the batch cannot be followed");
                }
            }
        }
    }

    private static string Unused(GraphProto graph)
    {
        var used = Dims(graph).Select(d => d.DimParam).ToHashSet();
        return Enumerable.Range(1, used.Count + 1).Select(i => $"{Symbol}_{i}").First(name => !used.Contains(name));
    }

    private static void Rename(GraphProto graph, string from, string to)
    {
        foreach (var dim in Dims(graph).Where(d => d.HasDimParam && d.DimParam == from))
        {
            dim.DimParam = to;
        }
    }

    private static IEnumerable<TensorShapeProto.Types.Dimension> Dims(GraphProto graph) =>
        graph.Input.Concat(graph.Output).Concat(graph.ValueInfo).SelectMany(v => v.Type?.TensorType?.Shape?.Dim ?? []);
}
