namespace OnnxTransfer.Onnx;

/// <summary>How many positions a sliding window has: the arithmetic that convolutions and poolings share.</summary>
internal static class Windows
{
    /// <summary>
    /// The positions along each spatial axis: floor((size + pads - dilation (kernel - 1) - 1) / stride) + 1, rounded up in
    /// ceil mode except for a window that would start in the padding at the end; ceil(size / stride) for SAME padding.
    /// </summary>
    public static IEnumerable<Dim> Positions(NodeFacts node, TensorShape input, IReadOnlyList<Dim> kernel)
    {
        var axes = input.Rank - 2;
        if (kernel.Count != axes)
        {
            throw node.Impossible($"has a window of {kernel.Count} sides for the map {input}");
        }

        var strides = node.Ints("strides") ?? Enumerable.Repeat(1L, axes).ToArray();
        var dilations = node.Ints("dilations") ?? Enumerable.Repeat(1L, axes).ToArray();
        var pads = node.Ints("pads") ?? new long[2 * axes];
        var padding = node.Text("auto_pad", "NOTSET");
        var up = node.Int("ceil_mode", 0) != 0;
        if (strides.Length != axes || dilations.Length != axes || pads.Length != 2 * axes
            || strides.Concat(dilations).Any(step => step < 1) || kernel.Any(side => side.Value < 1))
        {
            throw node.Impossible($"has a window, strides, dilations or pads that do not fit the map {input}");
        }

        for (var i = 0; i < axes; i++)
        {
            if (input[i + 2].Value is not { } size || kernel[i].Value is not { } side)
            {
                yield return Dim.Unknown;
                continue;
            }

            if (padding is "SAME_UPPER" or "SAME_LOWER")
            {
                yield return (size / strides[i]) + (size % strides[i] > 0 ? 1 : 0);
                continue;
            }

            var (before, after) = padding == "VALID" ? (0L, 0L) : (pads[i], pads[i + axes]);
            var room = (Int128)size + before + after - ((Int128)dilations[i] * (side - 1)) - 1;
            if (room < 0 || size <= 0)
            {
                throw node.Impossible($"has a window of {string.Join(" x ", kernel)}, which does not fit the map {input}");
            }

            var positions = ((up ? room + strides[i] - 1 : room) / strides[i]) + 1;
            positions -= up && (positions - 1) * strides[i] >= (Int128)size + before ? 1 : 0;
            yield return positions <= long.MaxValue ? (long)positions : Dim.Unknown;
        }
    }
}
