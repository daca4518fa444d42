using OnnxTransfer.Onnx;

namespace OnnxTransfer.FineTuning;

/// <summary>
/// y is the mean of each window: dy divided by what the window counts goes to each of its elements, and adds up where windows
/// overlap: a transposed convolution with a kernel of one value.
/// </summary>
internal static class AveragePoolGradient
{
    /// <summary>The rule.</summary>
    public static void Rule(GradientNode node)
    {
        var kernel = node.Node.Ints("kernel_shape") ?? throw node.Unsupported("has no kernel_shape");
        var window = Window.Of(node, kernel);
        if (window.Dilations.Any(step => step > 1) && node.Node.Text("auto_pad", "NOTSET").StartsWith("SAME", StringComparison.Ordinal))
        {
            throw node.Unsupported("has dilations and SAME padding, which ONNX Runtime pads otherwise than the standard has it");
        }
        var counts = Counts(window, node.Node.Int("count_include_pad", 0) != 0);
        var same = counts.Distinct().Count() == 1;
        var gradient = same ? node.Gradient : node.Mul(
            node.Gradient, node.Graph.Constant("gradient/shares", [.. counts.Select(count => 1f / count)], [1, 1, .. window.Positions]));
        var ones = node.Graph.Constant(
            "gradient/window", [.. Enumerable.Repeat(same ? 1f / counts[0] : 1, (int)kernel.Aggregate(1L, (product, side) => product * side))], [1, 1, .. kernel]);

        // All channels of all images are images of one channel.
        var spread = node.Add("ConvTranspose", [node.Add("Reshape", [gradient, node.Longs([-1, 1, .. window.Positions])]), ones], window.Transposed());
        node.Give(0, node.ReshapeAs(spread, node.Input(0)));
    }

    // The elements that each window counts: those in the map, or those in the map with its padding.
    private static long[] Counts(Window window, bool padding)
    {
        long[] counts = [1];
        for (var axis = 0; axis < window.Axes; axis++)
        {
            var (from, to) = padding ? (-window.Before[axis], window.Sizes[axis] + window.After[axis]) : (0, window.Sizes[axis]);
            long[] along = [.. Enumerable.Range(0, (int)window.Positions[axis]).Select(position => (long)Enumerable.Range(0, (int)window.Kernel[axis])
                .Select(element => (position * window.Strides[axis]) - window.Before[axis] + (element * window.Dilations[axis]))
                .Count(place => place >= from && place < to))];
            counts = [.. counts.SelectMany(count => along.Select(more => count * more))];
        }

        return counts;
    }
}
