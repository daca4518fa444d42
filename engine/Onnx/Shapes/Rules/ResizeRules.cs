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

        // Sizes that are only bounds, and scales of a part of the map, are not followed.
        var followed = node.Text("keep_aspect_ratio_policy", "stretch") == "stretch"
            && node.Text("coordinate_transformation_mode", "") != "tf_crop_and_resize";
        var dims = input.Dims.ToArray();
        for (var i = 0; i < axes.Count; i++)
        {
            var axis = axes[i];
            dims[axis] = !followed ? Dim.Unknown
                : late && node.Has(3) ? node.Values(3) is { } sizes && i < sizes.Count ? sizes[i] : Dim.Unknown
                : scales is null || i >= scales.Length ? Dim.Unknown
                : Scaled(dims[axis], scales[i]);
        }

        return node.Gives(new TensorShape(dims));
    }

    // In float32, as the operator is defined: 10 times 0.7 is 7 there, and a little less in double precision.
    private static Dim Scaled(Dim dim, float scale)
    {
        if (scale == 1)
        {
            return dim;
        }

        return dim.Value is { } size && (float)size * scale is >= 0 and < long.MaxValue and var scaled ? (long)scaled : Dim.Unknown;
    }
}
