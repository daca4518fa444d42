namespace OnnxTransfer.FineTuning;

/// <summary>
/// y is every s-th element of x from a start along some axes: dx is dy with s - 1 zeros after each element, and zeros before and
/// after.
/// </summary>
internal static class SliceGradient
{
    /// <summary>The rule.</summary>
    public static void Rule(GradientNode node)
    {
        var x = node.Shape(node.Input(0));
        if (Enumerable.Range(1, 4).Any(input => node.Has(input) && node.ConstantLongs(input) is null))
        {
            throw node.Unsupported("cuts at places that are not known before it runs");
        }

        var starts = node.ConstantLongs(1)!;
        var axes = node.ConstantLongs(3) ?? [.. Enumerable.Range(0, starts.Length).Select(axis => (long)axis)];
        var steps = node.ConstantLongs(4) ?? [.. Enumerable.Repeat(1L, starts.Length)];
        var gradient = node.Gradient;
        var pads = new long[2 * x.Rank];
        long[] extents = [.. node.Shape(node.Output()).Dims.Select(dim => dim.Value ?? -1)];
        for (var i = 0; i < axes.Length; i++)
        {
            var axis = GradientNode.Axis(axes[i], x.Rank);
            if (steps[i] == 1 && x[axis].IsKnown && x[axis] == node.Shape(node.Output())[axis])
            {
                continue;
            }

            var (size, count, step) = (node.Extent(node.Input(0), axis), node.Extent(node.Output(), axis), steps[i]);
            var first = Math.Clamp(starts[i] < 0 ? starts[i] + size : starts[i], 0, step > 0 ? size : size - 1);
            if (step < 0)
            {
                gradient = node.Add("Slice", [gradient, node.Longs(-1), node.Longs(long.MinValue), node.Longs(axis), node.Longs(-1)]);
                (first, step) = (first + ((count - 1) * step), -step);
            }

            gradient = step == 1 ? gradient : Spread(node, gradient, extents, axis, step);
            (pads[axis], pads[x.Rank + axis]) = (first, size - first - (count * step));
        }

        node.Give(0, pads.All(pad => pad == 0) ? gradient : node.Add("Pad", [gradient, node.Longs(pads)]));
    }

    // Zeros after each element along an axis: padding of a new axis of one element, which is then joined to it.
    private static string Spread(GradientNode node, string gradient, long[] extents, int axis, long step)
    {
        var pads = new long[2 * (extents.Length + 1)];
        pads[extents.Length + 1 + axis + 1] = step - 1;
        var padded = node.Add("Pad", [node.Add("Unsqueeze", [gradient, node.Longs(axis + 1)]), node.Longs(pads)]);
        extents[axis] *= step;
        return node.Add("Reshape", [padded, node.Longs([.. new long[axis], .. extents[axis..]])]);
    }
}
