namespace OnnxTransfer.FineTuning.Tests.Reference;

/// <summary>Resampling by the nearest or the next two elements along each axis.</summary>
internal static class ResizeOperators
{
    public static readonly (string Op, Func<RefNode, Nd[]> Compute)[] All = [("Resize", Resize)];

    private static Nd[] Resize(RefNode node)
    {
        var x = node[0];
        var scales = node.Has(2) && node[2].Count > 0 ? node[2].Floats : null;
        long[] dims = [.. x.Dims.Select((dim, axis) => scales is not null ? (long)Math.Floor(dim * scales[axis]) : node[3].Longs[axis])];
        var result = x;
        for (var axis = 0; axis < x.Rank; axis++)
        {
            result = Along(node, result, axis, dims[axis], scales?[axis] ?? (double)dims[axis] / x.Dims[axis]);
        }

        return [result];
    }

    private static Nd Along(RefNode node, Nd x, int axis, long to, double scale)
    {
        var from = x.Dims[axis];
        long[] dims = [.. x.Dims];
        dims[axis] = to;
        return Nd.Of(
            [.. Nd.Places(dims).Select(at =>
            {
                var place = node.Text("coordinate_transformation_mode", "half_pixel") switch
                {
                    "align_corners" => to == 1 ? 0 : at[axis] * (from - 1.0) / (to - 1),
                    "asymmetric" => at[axis] / scale,
                    "pytorch_half_pixel" when to == 1 => 0,
                    _ => ((at[axis] + 0.5) / scale) - 0.5,
                };
                if (node.Text("mode", "nearest") == "linear")
                {
                    place = Math.Clamp(place, 0, from - 1);
                    var low = Math.Floor(place);
                    return ((1 - (place - low)) * Value((long)low)) + ((place - low) * Value(Math.Min((long)low + 1, from - 1)));
                }

                var nearest = node.Text("nearest_mode", "round_prefer_floor") switch
                {
                    "floor" => Math.Floor(place),
                    "ceil" => Math.Ceiling(place),
                    "round_prefer_ceil" => Math.Floor(place + 0.5),
                    _ => Math.Ceiling(place - 0.5),
                };
                return Value((long)Math.Clamp(nearest, 0, from - 1));

                double Value(long element) => x.Floats[x.At([.. at[..axis], element, .. at[(axis + 1)..]])];
            })],
            dims);
    }
}
