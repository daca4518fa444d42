using OnnxTransfer.Onnx;

namespace OnnxTransfer.FineTuning;

/// <summary>The sliding window of a convolution or pooling, one number a spatial axis, with the padding worked out.</summary>
/// <param name="Kernel">The sides.</param>
/// <param name="Strides">The steps.</param>
/// <param name="Dilations">The distance of neighbours in the window.</param>
/// <param name="Before">The padding before the map.</param>
/// <param name="After">The padding after it; what no window reaches is left in.</param>
/// <param name="Sizes">The map's sides.</param>
/// <param name="Positions">The windows along each axis.</param>
internal sealed record Window(long[] Kernel, long[] Strides, long[] Dilations, long[] Before, long[] After, long[] Sizes, long[] Positions)
{
    /// <summary>The number of spatial axes.</summary>
    public int Axes => Kernel.Length;

    /// <summary>Whether it is one element, moved by one, without padding: each position sees itself.</summary>
    public bool IsPoint => Kernel.Concat(Strides).All(number => number == 1) && Pads.All(pad => pad == 0);

    /// <summary>Padding as the attribute <c>pads</c> has it.</summary>
    public long[] Pads => [.. Before, .. After];

    /// <summary>What the map with its padding has beyond the last window, along an axis; below 0 in ceil mode.</summary>
    public long Rest(int axis) => Sizes[axis] + Before[axis] + After[axis] - Reach(axis);

    /// <summary>Elements from the first of the first window to the last of the last one, along an axis.</summary>
    public long Reach(int axis) => ((Positions[axis] - 1) * Strides[axis]) + (Dilations[axis] * (Kernel[axis] - 1)) + 1;

    /// <summary>
    /// The attributes of the transposed convolution that leads from the positions back to the map: what no window reaches is
    /// added at the end as output_padding, and what windows reach beyond the padding in ceil mode is cut off.
    /// </summary>
    public (string Name, object Value)[] Transposed(long group = 1) =>
    [
        ("strides", Strides),
        ("dilations", Dilations),
        ("pads", (long[])[.. Before, .. Enumerable.Range(0, Axes).Select(axis => After[axis] - Math.Min(Rest(axis), 0))]),
        ("output_padding", Enumerable.Range(0, Axes).Select(axis => Math.Max(Rest(axis), 0)).ToArray()),
        ("group", group),
    ];

    /// <summary>The window of a node over the map that is its first input.</summary>
    /// <param name="node">The node.</param>
    /// <param name="kernel">The sides.</param>
    /// <exception cref="NoGradientException">A side of the map is not known.</exception>
    public static Window Of(GradientNode node, long[] kernel)
    {
        var axes = kernel.Length;
        long[] sizes = [.. Enumerable.Range(2, axes).Select(axis => node.Extent(node.Input(0), axis))];
        long[] positions = [.. Enumerable.Range(2, axes).Select(axis => node.Extent(node.Output(), axis))];
        var strides = node.Node.Ints("strides") ?? Enumerable.Repeat(1L, axes).ToArray();
        var dilations = node.Node.Ints("dilations") ?? Enumerable.Repeat(1L, axes).ToArray();
        var pads = node.Node.Ints("pads") ?? new long[2 * axes];
        var padding = node.Node.Text("auto_pad", "NOTSET");
        var window = new Window(kernel, strides, dilations, pads[..axes], pads[axes..], sizes, positions);
        if (padding is "NOTSET" or "")
        {
            return window;
        }

        // SAME padding is what the windows need, the odd one after the map or, for SAME_LOWER, before it; VALID is none.
        long[] total = [.. Enumerable.Range(0, axes).Select(axis => padding == "VALID" ? 0 : Math.Max(window.Reach(axis) - sizes[axis], 0))];
        long[] less = [.. total.Select(sum => sum / 2)], more = [.. total.Select(sum => sum - (sum / 2))];
        return padding == "SAME_LOWER" ? window with { Before = more, After = less } : window with { Before = less, After = more };
    }
}
