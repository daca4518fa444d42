namespace OnnxTransfer.FineTuning;

/// <summary>How Resize makes the elements along one axis: each as a mean of elements of the input, with these weights.</summary>
internal static class ResizeWeights
{
    /// <summary>The weights, row by row: [to, from]; null where the coordinates or the rounding are none of those that are known.</summary>
    /// <param name="from">The input's extent.</param>
    /// <param name="to">The output's extent.</param>
    /// <param name="scale">The ratio that the node computes with, which need not be the quotient of the extents.</param>
    /// <param name="linear">Two neighbours, weighted by nearness; else the nearest one.</param>
    /// <param name="coordinates">The attribute coordinate_transformation_mode.</param>
    /// <param name="rounding">The attribute nearest_mode.</param>
    public static float[]? Of(long from, long to, double scale, bool linear, string coordinates, string rounding)
    {
        var weights = new float[to * from];
        for (var row = 0L; row < to; row++)
        {
            if (Place(row, from, to, scale, coordinates) is not { } place)
            {
                return null;
            }

            if (linear)
            {
                var inside = Math.Clamp(place, 0, from - 1);
                var low = (long)inside;
                weights[(row * from) + low] += (float)(1 - (inside - low));
                weights[(row * from) + Math.Min(low + 1, from - 1)] += (float)(inside - low);
            }
            else if (Nearest(place, rounding) is { } nearest)
            {
                weights[(row * from) + Math.Clamp(nearest, 0, from - 1)] = 1;
            }
            else
            {
                return null;
            }
        }

        return weights;
    }

    private static double? Place(long row, long from, long to, double scale, string coordinates) => coordinates switch
    {
        "half_pixel" => ((row + 0.5) / scale) - 0.5,
        "pytorch_half_pixel" => to > 1 ? ((row + 0.5) / scale) - 0.5 : 0,
        "half_pixel_symmetric" => (from / 2.0 * (1 - (to / (scale * from)))) + ((row + 0.5) / scale) - 0.5,
        "align_corners" => to > 1 ? (double)row * (from - 1) / (to - 1) : 0,
        "asymmetric" => row / scale,
        _ => null,
    };

    private static long? Nearest(double place, string rounding) => rounding switch
    {
        "round_prefer_floor" => (long)Math.Ceiling(place - 0.5),
        "round_prefer_ceil" => (long)Math.Floor(place + 0.5),
        "floor" => (long)Math.Floor(place),
        "ceil" => (long)Math.Ceiling(place),
        _ => null,
    };
}
