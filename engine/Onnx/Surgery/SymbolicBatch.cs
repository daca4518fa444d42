using OnnxTransfer.Onnx.Protos;

namespace OnnxTransfer.Onnx;

/// <summary>
/// A model exported for one batch size made to run for any: the first dimension of the image input becomes "N", and the
/// constants that bake the batch into a Reshape are repaired. What cannot be repaired is refused by the node's name,
/// because such a graph would fail, or mix up images, in the middle of a run.
/// </summary>
internal static class SymbolicBatch
{
    /// <summary>The symbol of the batch.</summary>
    public const string Symbol = "N";

    /// <summary>Applies the change where the image input has a fixed batch; does nothing otherwise.</summary>
    public static void Apply(ModelProto proto, OnnxModel origin)
    {
        var graph = new Graph(origin.WithProto(proto));
        var images = graph.Inputs.Where(i => i.Type?.TensorType?.Shape?.Dim.Count == 4).ToList();
        if (images is not [var image] || image.Type.TensorType.Shape.Dim[0] is not { HasDimValue: true, DimValue: >= 1 } first)
        {
            return;
        }

        var batch = first.DimValue;
        var walk = new Walk(proto, graph, batch);
        walk.Follow(image.Name);
        first.DimParam = Symbol;
        foreach (var output in proto.Graph.Output)
        {
            if (walk.IsLed(output.Name) && output.Type?.TensorType?.Shape?.Dim is [var dim, ..])
            {
                dim.DimParam = Symbol;
            }
        }

        // The shapes noted for inner values are those of the old batch.
        proto.Graph.ValueInfo.Clear();
    }

    /// <summary>Follows the batch through the graph: which tensors have it as their first dimension, which elsewhere.</summary>
    private sealed class Walk(ModelProto proto, Graph graph, long batch)
    {
        private readonly HashSet<string> led = [];
        private readonly HashSet<string> moved = [];

        public bool IsLed(string tensor) => led.Contains(tensor);

        public void Follow(string image)
        {
            led.Add(image);
            foreach (var node in graph.Nodes)
            {
                var reads = Graph.Reads(node).ToList();
                if (!reads.Any(r => led.Contains(r) || moved.Contains(r)) || node.OpType is "Shape" or "Size")
                {
                    continue;
                }

                var target = Visit(node, reads) ? led : moved;
                foreach (var output in node.Output)
                {
                    target.Add(output);
                }
            }
        }

        /// <summary>Whether the node's outputs have the batch first; repairs or refuses what bakes it in.</summary>
        private bool Visit(NodeProto node, List<string> reads)
        {
            var data = node.Input[0];
            switch (node.OpType)
            {
                case "Reshape" when graph.Constant(node.Input[1]) is { } shape:
                    RepairReshape(node, TensorData.Longs(shape), led.Contains(data));
                    return true;
                case "Flatten" when Axis(node, 1) == 0:
                    throw Refuse(node, "flattens the batch with the rest");
                case "Transpose":
                    var permutation = node.Attribute.FirstOrDefault(a => a.Name == "perm")?.Ints;
                    return led.Contains(data) && permutation is [0, ..];
                case "Concat" when Axis(node, 1) != 0 && reads.FirstOrDefault(r => graph.Constant(r) is { Dims: [var rows, _, ..] } && rows == batch) is { } fixedPart:
                    throw Refuse(node, $"joins the constant '{fixedPart}', made for that batch, to every image");
                case "Concat" when Axis(node, 1) != 0 && reads.Any(r => !led.Contains(r) && !moved.Contains(r)):
                    throw Refuse(node, "joins a tensor made for that batch to every image");
                case "Concat" or "Split" or "Gather" when Axis(node, 0) == 0 && led.Contains(data):
                    throw Refuse(node, "works across the images of a batch");
                default:
                    return reads.Any(led.Contains) && !reads.Any(moved.Contains);
            }
        }

        private void RepairReshape(NodeProto node, long[] shape, bool leads)
        {
            if (!leads)
            {
                throw Refuse(node, "reshapes a tensor whose first dimension is not the batch");
            }

            if (shape is [-1 or 0, _, ..])
            {
                return;
            }

            if (shape.Length < 2 || shape[0] != batch || (Axis(node, 0, "allowzero") != 0 && shape.Contains(-1)))
            {
                throw Refuse(node, $"has the constant shape [{string.Join(", ", shape)}]");
            }

            // Only one dimension may be left open; with -1 in use elsewhere, 0 copies the batch from the input.
            shape[0] = shape.Contains(-1) ? 0 : -1;
            var name = node.Input[1] + "/any_batch/" + node.Name;
            proto.Graph.Initializer.Add(TensorData.Of(name, shape, shape.Length));
            node.Input[1] = name;
        }

        private static long Axis(NodeProto node, long otherwise, string name = "axis") =>
            node.Attribute.FirstOrDefault(a => a.Name == name)?.I ?? otherwise;

        private OnnxTransferException Refuse(NodeProto node, string what) => new(
            FailureKind.Model,
            $"{graph.Model.Name} is made for a batch of {batch}: {graph.DisplayName(node)} {what}; export the model with a dynamic batch (dynamic_axes in PyTorch).");
    }
}
