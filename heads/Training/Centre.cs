namespace OnnxTransfer.Heads;

/// <summary>
/// The mean code, rounded to float32. With a free intercept a shift of the codes changes nothing, W x + b =
/// W (x - m) + (b + W m) for any m; near the mean code, products in float32 lose nothing to a common part of all codes.
/// </summary>
internal static class Centre
{
    /// <summary>The mean of every column: sums in float64, in the order of the rows.</summary>
    public static float[] Of(CodeView codes)
    {
        var (sums, room) = (new double[codes.Columns], codes.Room());
        for (var row = 0; row < codes.Rows; row++)
        {
            VectorArithmetic.AddWidened(codes.Row(row, room), sums);
        }

        return Array.ConvertAll(sums, sum => (float)(sum / codes.Rows));
    }

    /// <summary>Turns weights for codes less <paramref name="centre"/> into the same head's weights for the codes, in place; none where it is empty.</summary>
    public static void FoldInto(ReadOnlySpan<float> centre, Span<double> weights)
    {
        if (centre.IsEmpty)
        {
            return;
        }

        var width = centre.Length + 1;
        for (var k = 0; k < weights.Length / width; k++)
        {
            var row = weights.Slice(k * width, width);
            row[^1] -= VectorArithmetic.Dot(centre, row);
        }
    }

    /// <summary>The inverse of <see cref="FoldInto"/>.</summary>
    public static void TakeOutOf(ReadOnlySpan<float> centre, Span<double> weights)
    {
        if (centre.IsEmpty)
        {
            return;
        }

        var width = centre.Length + 1;
        for (var k = 0; k < weights.Length / width; k++)
        {
            var row = weights.Slice(k * width, width);
            row[^1] += VectorArithmetic.Dot(centre, row);
        }
    }
}
