using OnnxTransfer.Onnx;
using OnnxTransfer.Onnx.Protos;

namespace OnnxTransfer.FineTuning;

/// <summary>
/// Batch normalisations with given statistics, taken into the kernels of the convolutions before them: (x * w + c - m) s r + b is
/// x * (s r w) + (b - (m - c) s r), with r = 1 / √(v + e). Kernels are multiplied in every step, and are learned as they were; the map
/// between convolution and normalisation is neither written nor kept, and what comes behind may be computed with the convolution.
/// </summary>
internal static class FoldedNormalisations
{
    // The elements that a filter has for each position of its result, at most: beyond it the kernels' own arithmetic costs more than the pass over the map.
    private const int MostElements = 4;

    /// <summary>Folds them where that pays.</summary>
    /// <param name="model">The network with its loss, its learned weights inputs.</param>
    /// <param name="shapes">The shapes of its tensors.</param>
    /// <param name="learned">The weights that are learned.</param>
    public static OnnxModel Of(OnnxModel model, GraphShapes shapes, IReadOnlySet<string> learned)
    {
        var graph = new Graph(model);
        var builder = new GraphBuilder(model);
        foreach (var norm in graph.Nodes.Where(static node => node.OpType == "BatchNormalization" && node.Int("training_mode", 0) == 0))
        {
            if (graph.Constant(norm.Input[3]) is { } mean && graph.Constant(norm.Input[4]) is { } variance && Convolution(graph, norm) is { } conv
                && learned.Contains(conv.Input[1]) && Pays(conv, shapes))
            {
                Fold(builder, conv, norm, TensorData.Floats(mean), TensorData.Floats(variance), shapes.Shape(conv.Input[1])!.Rank);
            }
        }

        return builder.Build();
    }

    // The convolution that a normalisation is the one reader of.
    private static NodeProto? Convolution(Graph graph, NodeProto norm) =>
        graph.Producer(norm.Input[0]) is { OpType: "Conv", Domain: "" or "ai.onnx" } conv && graph.Consumers(conv.Output[0]) is [_]
        && graph.Outputs.All(output => output.Name != conv.Output[0]) ? conv : null;

    // Winograd's convolutions have no activation of their own, and to normalise with it takes the same pass.
    private static bool Pays(NodeProto conv, GraphShapes shapes) =>
        ConvolutionRules.Has(conv, shapes) && !ConvolutionRules.IsSquare(conv, shapes)
        && shapes.Shape(conv.Input[1])!.Dims.Skip(1).Aggregate(1L, static (product, dim) => product * (dim.Value ?? int.MaxValue))
            <= MostElements * shapes.Shape(conv.Output[0])!.Dims.Skip(2).Aggregate(1L, static (product, dim) => product * dim.Value!.Value);

    private static void Fold(GraphBuilder builder, NodeProto conv, NodeProto norm, float[] mean, float[] variance, int rank)
    {
        var (map, output) = (conv.Output[0], norm.Output[0]);
        var epsilon = (double)norm.Float("epsilon", 1e-5f);
        builder.Before(map, () =>
        {
            var rate = builder.Constant($"{output}/rate", Array.ConvertAll(variance, number => (float)(1 / Math.Sqrt(number + epsilon))), variance.Length);
            var slope = builder.Add("Mul", [norm.Input[1], rate], $"{output}/slope");
            var centre = builder.Constant($"{output}/mean", mean, mean.Length);
            if (conv.Input.Count > 2 && conv.Input[2].Length > 0)
            {
                centre = builder.Add("Sub", [centre, conv.Input[2]], $"{output}/centre");
            }

            var shift = builder.Add("Sub", [norm.Input[2], builder.Add("Mul", [centre, slope], $"{output}/moved")], $"{output}/shift");
            var along = builder.Add("Unsqueeze", [slope, builder.Constant($"{output}/axes", [.. Enumerable.Range(1, rank - 1).Select(static axis => (long)axis)], rank - 1)], $"{output}/slopes");
            builder.Rewire(map, 1, builder.Add("Mul", [conv.Input[1], along], $"{output}/kernel"));
            builder.Rewire(map, 2, shift);
        });
        builder.Absorb(map, output);
    }
}
