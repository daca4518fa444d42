namespace OnnxTransfer.FineTuning;

/// <summary>How a linear Resize makes the elements along one axis: each as a mean of the two next elements of the input, weighted by nearness.</summary>
internal static class ResizeWeights
{
    /// <summary>The weights, row by row: [to, from]; null where the coordinates are none of those that are known.</summary>
    /// <param name="from">The input's extent.</param>
    /// <param name="to">The output's extent.</param>
    /// <param name="scale">The ratio that the node computes with, which need not be the quotient of the extents.</param>
    /// <param name="coordinates">The attribute coordinate_transformation_mode.</param>
    public static float[]? Of(long from, long to, double scale, string coordinates)
    {
        var weights = new float[to * from];
        for (var row = 0L; row < to; row++)
        {
            if (Place(row, from, to, scale, coordinates) is not { } place)
            {
                return null;
            }

            var inside = Math.Clamp(place, 0, from - 1);
            var low = (long)inside;
            weights[(row * from) + low] += (float)(1 - (inside - low));
            weights[(row * from) + Math.Min(low + 1, from - 1)] += (float)(inside - low);
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
}
