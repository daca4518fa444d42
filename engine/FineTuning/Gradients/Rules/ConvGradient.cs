using OnnxTransfer.Onnx;

namespace OnnxTransfer.FineTuning;

/// <summary>
/// y = x * w + b, with groups, strides, dilations and padding. dx is the transposed convolution of dy with w; dw is, for each
/// element of the window, the product of dy with the part of x that this element sees, over images and positions; db is the sum
/// of dy over images and positions (Dumoulin and Visin 2016).
/// </summary>
/// <remarks>
/// dw has two forms. Products of matrices, one for each element of the window, read dy once for each; one convolution, of x with
/// dy as its kernel, images and channels exchanged and strides and dilations too, reads dy once for each channel of x. The former
/// take 0.1 to 0.4 of the time on a CPU where there are more channels than elements; they know no groups.
/// </remarks>
internal static class ConvGradient
{
    /// <summary>The rule.</summary>
    public static void Rule(GradientNode node) => Rule(node, OfWeights);

    /// <summary>The rule with another form of dw.</summary>
    public static void Rule(GradientNode node, Func<GradientNode, Window, string> ofWeights)
    {
        var weights = node.Shape(node.Input(1));
        var window = Window.Of(node, [.. Enumerable.Range(2, weights.Rank - 2).Select(axis => node.Extent(node.Input(1), axis))]);
        if (node.Needs(0))
        {
            node.Give(0, OfInput(node, window));
        }

        if (node.Needs(1))
        {
            node.Give(1, ofWeights(node, window));
        }

        if (node.Needs(2))
        {
            node.Give(2, PerChannel.Sum(node, node.Gradient, weights.Rank));
        }
    }

    /// <summary>dx.</summary>
    public static string OfInput(GradientNode node, Window window) => OfInput(node, window, node.Gradient);

    /// <summary>dx of a gradient that has gone through other nodes.</summary>
    public static string OfInput(GradientNode node, Window window, string dy)
    {
        var group = node.Node.Int("group", 1);
        if (group != 1 || !window.IsPoint)
        {
            return node.Add("ConvTranspose", [dy, node.Input(1)], window.Transposed(group));
        }

        // A product of matrices at each position, which Conv does in less than half the time.
        return node.Add("Conv", [dy, node.Add("Transpose", [node.Input(1)], ("perm", Swap(window.Axes)))]);
    }

    /// <summary>dw.</summary>
    public static string OfWeights(GradientNode node, Window window) => OfWeights(node, window, node.Gradient);

    /// <summary>dw of a gradient that has gone through other nodes.</summary>
    public static string OfWeights(GradientNode node, Window window, string dy)
    {
        var channels = node.Extent(node.Input(1), 1);
        return node.Node.Int("group", 1) == 1 && channels >= window.Kernel.Aggregate(1L, (product, side) => product * side)
            ? Products(node, window, dy, channels)
            : Convolution(node, window, dy);
    }

    /// <summary>x with the zeros around it that windows reach into.</summary>
    public static string Padded(GradientNode node, Window window) => window.Pads.All(pad => pad == 0)
        ? node.Input(0)
        : node.Add("Pad", [node.Input(0), node.Longs([0, 0, .. window.Before, 0, 0, .. window.After])]);

    /// <summary>What an element of the window sees of the padded map at all positions.</summary>
    public static string Seen(GradientNode node, Window window, string images, long[] element)
    {
        if (window.IsPoint)
        {
            return images;
        }

        long[] starts = [.. element.Select((place, axis) => place * window.Dilations[axis])];
        long[] ends = [.. starts.Select((start, axis) => start + ((window.Positions[axis] - 1) * window.Strides[axis]) + 1)];
        return node.Add("Slice", [images, node.Longs(starts), node.Longs(ends), node.Longs([.. Enumerable.Range(2, window.Axes)]), node.Longs(window.Strides)]);
    }

    /// <summary>The elements of a window, row by row.</summary>
    public static IEnumerable<long[]> Elements(IEnumerable<long> kernel) => kernel.Aggregate(
        (IEnumerable<long[]>)[[]], (found, side) => found.SelectMany(element => Enumerable.Range(0, (int)side).Select(place => (long[])[.. element, place])));

    /// <summary>The order of axes that exchanges images and channels.</summary>
    public static long[] Swap(int axes) => [1, 0, .. Enumerable.Range(2, axes).Select(axis => (long)axis)];

    private static string Products(GradientNode node, Window window, string dy, long channels)
    {
        var swap = Swap(window.Axes);
        var filters = node.Extent(node.Input(1), 0);
        var images = node.Add("Transpose", [Padded(node, window)], ("perm", swap));
        var gradient = node.Add("Reshape", [node.Add("Transpose", [dy], ("perm", swap)), node.Longs(filters, -1)]);
        string[] products = [.. Elements(window.Kernel).Select(element => node.Add(
            "Gemm", [gradient, node.Add("Reshape", [Seen(node, window, images, element), node.Longs(channels, -1)])], ("transB", 1L)))];
        if (products.Length == 1)
        {
            return node.Add("Reshape", [products[0], node.Longs([filters, channels, .. window.Kernel])]);
        }

        var stacked = node.Add("Reshape", [node.Add("Concat", products, ("axis", 0L)), node.Longs(products.Length, filters, channels)]);
        return node.Add("Reshape", [node.Add("Transpose", [stacked], ("perm", (long[])[1, 2, 0])), node.Longs([filters, channels, .. window.Kernel])]);
    }

    private static string Convolution(GradientNode node, Window window, string dy)
    {
        var group = node.Node.Int("group", 1);
        var swap = Swap(window.Axes);
        var images = group == 1 ? node.Add("Transpose", [node.Input(0)], ("perm", swap)) : Grouped(node, window, group);
        var kernel = node.Add("Transpose", [dy], ("perm", swap));
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
}
