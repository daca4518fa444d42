using OnnxTransfer.Onnx.Protos;

namespace OnnxTransfer.Onnx;

/// <summary>
/// The batch as the symbol "N". A model exported for one batch size is made to run for any: constants that bake the batch
/// into a Reshape, or were made for one image, are repaired. What cannot be repaired is refused by the node's name, because
/// such a graph would fail, or mix up images, in the middle of a run.
/// </summary>
internal static class SymbolicBatch
{
    /// <summary>The symbol of the batch.</summary>
    public const string Symbol = "N";

    /// <summary>Applies the change to the one input of rank 4; does nothing where there is none, or several.</summary>
    public static void Apply(ModelProto proto, OnnxModel origin)
    {
        var graph = new Graph(origin.WithProto(proto));
        var images = graph.Inputs.Where(i => i.Type?.TensorType?.Shape?.Dim.Count == 4).ToList();
        if (images is not [var image])
        {
            return;
        }

        var first = image.Type.TensorType.Shape.Dim[0];
        if (first is { HasDimValue: true, DimValue: >= 1 })
        {
            var walk = new BatchWalk(graph, image.Name, first.DimValue);
            walk.Repair(proto);
            first.DimParam = Symbol;
            foreach (var output in proto.Graph.Output)
            {
                walk.Declare(output, Symbol);
            }

            // The shapes noted for inner values are those of the old batch.
            proto.Graph.ValueInfo.Clear();
            Check(proto, origin, walk);
        }
        else
        {
            Rename(proto.Graph, first.HasDimParam ? first.DimParam : "");
            first.DimParam = Symbol;
        }
    }

    // The shapes must come out with a symbol where they came out with the number.
    private static void Check(ModelProto proto, OnnxModel origin, BatchWalk walk)
    {
        var graph = new Graph(origin.WithProto(proto));
        var shapes = ShapeInference.Infer(graph);
        foreach (var output in graph.Nodes.SelectMany(n => n.Output))
        {
            if (shapes.Impossible(output) is { } reason && walk.WasPossible(output))
            {
                throw walk.Refuse(reason);
            }
        }
    }

    private static void Rename(GraphProto graph, string symbol)
    {
        foreach (var dim in graph.Input.Concat(graph.Output).Concat(graph.ValueInfo).SelectMany(v => v.Type?.TensorType?.Shape?.Dim ?? []))
        {
            if (dim.HasDimParam && dim.DimParam == symbol && symbol.Length > 0)
            {
                dim.DimParam = Symbol;
            }
        }
    }
}
