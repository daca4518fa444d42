using OnnxTransfer.Onnx;

namespace OnnxTransfer.FineTuning;

/// <summary>
/// The gradients of a convolution for a GPU. Where <see cref="ConvGradient"/> takes one convolution with dy as its kernel, which a GPU's
/// library is slow at, dw is a sum over what each element of the window sees, where every channel has a kernel of its own; and where a
/// window has more elements than x has channels, as the first layer's, what all elements see is stacked and multiplied once by dy.
/// </summary>
internal static class GpuConvGradient
{
    /// <summary>The rule.</summary>
    public static void Rule(GradientNode node) => ConvGradient.Rule(node, OfWeights);

    private static string OfWeights(GradientNode node, Window window)
    {
        var (filters, channels, group) = (node.Extent(node.Input(1), 0), node.Extent(node.Input(1), 1), node.Node.Int("group", 1));
        var elements = window.Kernel.Aggregate(1L, (product, side) => product * side);
        return (group, channels) switch
        {
            ( > 1, 1) when filters == group => Sums(node, window, filters),
            (1, _) when channels < elements => Stacked(node, window, (filters, channels, elements)),
            _ => ConvGradient.OfWeights(node, window),
        };
    }

    // Images are summed over last and for all elements at once: axes that lie apart are slow to sum over.
    private static string Sums(GradientNode node, Window window, long channels)
    {
        var images = ConvGradient.Padded(node, window);
        long[] positions = [.. Enumerable.Range(2, window.Axes)];
        string[] sums = [.. ConvGradient.Elements(window.Kernel)
            .Select(element => node.Sum(node.Mul(ConvGradient.Seen(node, window, images, element), node.Gradient), positions, keep: true))];
        return node.Add("Reshape", [node.Sum(node.Add("Concat", sums, ("axis", 2L)), [0], keep: false), node.Longs([channels, 1, .. window.Kernel])]);
    }

    private static string Stacked(GradientNode node, Window window, (long Filters, long Channels, long Elements) extents)
    {
        var swap = ConvGradient.Swap(window.Axes);
        var images = node.Add("Transpose", [ConvGradient.Padded(node, window)], ("perm", swap));
        var gradient = node.Add("Reshape", [node.Add("Transpose", [node.Gradient], ("perm", swap)), node.Longs(extents.Filters, -1)]);
        var seen = node.Add("Concat", [.. ConvGradient.Elements(window.Kernel).Select(element => ConvGradient.Seen(node, window, images, element))], ("axis", 0L));
        var product = node.Add("Gemm", [gradient, node.Add("Reshape", [seen, node.Longs(extents.Elements * extents.Channels, -1)])], ("transB", 1L));
        var split = node.Add("Reshape", [product, node.Longs(extents.Filters, extents.Elements, extents.Channels)]);
        return node.Add(
            "Reshape", [node.Add("Transpose", [split], ("perm", (long[])[0, 2, 1])), node.Longs([extents.Filters, extents.Channels, .. window.Kernel])]);
    }
}
