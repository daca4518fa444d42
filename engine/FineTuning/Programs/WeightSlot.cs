using OnnxTransfer.Onnx;
using OnnxTransfer.Onnx.Protos;

namespace OnnxTransfer.FineTuning;

/// <summary>A stored tensor of a network that can be learned, and the node that it belongs to.</summary>
/// <param name="Name">The tensor.</param>
/// <param name="Dims">Its extents.</param>
/// <param name="Node">The first node that reads it.</param>
/// <param name="Kind">What it is to the node.</param>
internal sealed record WeightSlot(string Name, IReadOnlyList<long> Dims, NodeProto Node, WeightKind Kind)
{
    /// <summary>
    /// The weights of a network in its order: kernels and matrices with their intercepts, scales and shifts of normalisations,
    /// slopes of PRelu, and constants that are added to or multiplied with what a kernel or matrix has made. What stands before
    /// the first kernel or matrix prepares the image and is left alone.
    /// </summary>
    public static IReadOnlyList<WeightSlot> Of(Graph graph)
    {
        var stored = graph.Model.Proto.Graph.Initializer.Where(TensorData.IsFloating).ToDictionary(tensor => tensor.Name, StringComparer.Ordinal);
        var (found, weighted) = (new Dictionary<string, WeightSlot>(StringComparer.Ordinal), new HashSet<string>(StringComparer.Ordinal));
        foreach (var node in graph.Nodes)
        {
            var follows = node.Input.Any(weighted.Contains);
            for (var input = 0; input < node.Input.Count; input++)
            {
                if (stored.TryGetValue(node.Input[input], out var tensor) && KindOf(node, input, follows) is { } kind && TensorData.Elements(tensor) > 0)
                {
                    found.TryAdd(tensor.Name, new WeightSlot(tensor.Name, [.. tensor.Dims], node, kind));
                }
            }

            if (follows || node.Input.Any(found.ContainsKey))
            {
                weighted.UnionWith(node.Output);
            }
        }

        return [.. found.Values];
    }

    private static WeightKind? KindOf(NodeProto node, int input, bool follows) => (node.OpType, input) switch
    {
        ("Conv" or "ConvTranspose" or "Gemm", 1) or ("MatMul", 0 or 1) => WeightKind.Kernel,
        ("Conv" or "ConvTranspose" or "Gemm", 2) => WeightKind.Intercept,
        ("BatchNormalization" or "LayerNormalization" or "InstanceNormalization" or "GroupNormalization", 1 or 2) => WeightKind.Normalisation,
        ("PRelu", 1) => WeightKind.Intercept,
        ("Add" or "Sub" or "Mul" or "Div", 0 or 1) when follows => WeightKind.Intercept,
        _ => null,
    };
}

/// <summary>What a stored tensor is to its node.</summary>
internal enum WeightKind
{
    /// <summary>A kernel of a convolution or a matrix: weight decay is for these.</summary>
    Kernel,

    /// <summary>An intercept, slope or factor.</summary>
    Intercept,

    /// <summary>The scale or shift of a normalisation.</summary>
    Normalisation,
}
