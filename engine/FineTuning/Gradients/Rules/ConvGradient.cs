using OnnxTransfer.Onnx;

namespace OnnxTransfer.FineTuning;

/// <summary>
/// y = x * w + b, with groups, strides, dilations and padding. dx is the transposed convolution of dy with w; dw is the
/// convolution of x with dy as the kernel, images and channels exchanged and strides and dilations too; db is the sum of dy
/// over images and positions (Dumoulin and Visin 2016).
/// </summary>
internal static class ConvGradient
{
    /// <summary>The rule.</summary>
    public static void Rule(GradientNode node)
    {
        var weights = node.Shape(node.Input(1));
        var window = Window.Of(node, [.. Enumerable.Range(2, weights.Rank - 2).Select(axis => node.Extent(node.Input(1), axis))]);
        if (node.Needs(0))
        {
            node.Give(0, OfInput(node, window));
        }

        if (node.Needs(1))
        {
            node.Give(1, OfWeights(node, window));
        }

        if (node.Needs(2))
        {
            node.Give(2, node.Sum(node.Gradient, [0, .. Enumerable.Range(2, window.Axes).Select(axis => (long)axis)], keep: false));
        }
    }

    private static string OfInput(GradientNode node, Window window) =>
        node.Add("ConvTranspose", [node.Gradient, node.Input(1)], window.Transposed(node.Node.Int("group", 1)));

    private static string OfWeights(GradientNode node, Window window)
    {
        var group = node.Node.Int("group", 1);
        var swap = Swap(window.Axes);
        var images = group == 1 ? node.Add("Transpose", [node.Input(0)], ("perm", swap)) : Grouped(node, window, group);
        var kernel = node.Add("Transpose", [node.Gradient], ("perm", swap));
        var product = node.Add(
            "Conv", [images, kernel], ("strides", window.Dilations), ("dilations", window.Strides), ("pads", window.Pads), ("group", group));

        // Rows that no window reached make the product longer than the kernel where they are as many as its dilation.
        if (Enumerable.Range(0, window.Axes).Any(axis => window.Rest(axis) >= window.Dilations[axis]))
        {
            long[] axes = [.. Enumerable.Range(2, window.Axes)];
            product = node.Add("Slice", [product, node.Longs(new long[window.Axes]), node.Longs(window.Kernel), node.Longs(axes)]);
        }

        return node.Add("Transpose", [product], ("perm", swap));
    }

    // [N, G C, ...] to [C, G N, ...]: with the images as channels, the channels of each group become a batch.
    private static string Grouped(GradientNode node, Window window, long group)
    {
        var channels = node.Extent(node.Input(0), 1) / group;
        var spatial = Enumerable.Range(3, window.Axes).Select(axis => (long)axis);
        var split = node.Add("Reshape", [node.Input(0), node.Longs([0, group, channels, .. window.Sizes])]);
        var turned = node.Add("Transpose", [split], ("perm", (long[])[2, 1, 0, .. spatial]));
        return node.Add("Reshape", [turned, node.Longs([channels, -1, .. window.Sizes])]);
    }

    private static long[] Swap(int axes) => [1, 0, .. Enumerable.Range(2, axes).Select(axis => (long)axis)];
}
