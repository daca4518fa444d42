namespace OnnxTransfer.Onnx;

/// <summary>Resampling: extents times scales, cut to whole numbers, or extents that are given.</summary>
internal static class ResizeRules
{
    /// <summary>The rules.</summary>
    public static readonly (string Op, ShapeRule Rule)[] All = [("Resize", Resize), ("Upsample", Resize)];

    // Inputs: X, scales (Upsample and Resize 10), or X, roi, scales, sizes (Resize 11 and up).
    private static TensorFacts[] Resize(NodeFacts node)
    {
        if (node.Shape(0) is not { } input)
        {
            return node.Unknown();
        }

        var late = node.Op == "Resize" && node.Opset >= 11;
        var axes = node.Ints("axes")?.Select(a => node.Axis(a, input.Rank)).ToList() ?? [.. Enumerable.Range(0, input.Rank)];
        var scales = node.FloatList("scales") ?? node.Floats(late ? 2 : 1);
        var dims = input.Dims.ToArray();
        for (var i = 0; i < axes.Count; i++)
        {
            var axis = axes[i];
            dims[axis] = late && node.Has(3) ? node.Values(3) is { } sizes && i < sizes.Count ? sizes[i] : Dim.Unknown
                : scales is null || i >= scales.Length ? Dim.Unknown
                : scales[i] == 1 ? dims[axis]
                : dims[axis].Value is { } size ? (long)Math.Floor(size * (double)scales[i]) : Dim.Unknown;
        }

        return node.Gives(new TensorShape(dims));
    }
}
