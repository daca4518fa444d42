namespace OnnxTransfer.Heads;

/// <summary>
/// The mean code, rounded to float32. With a free intercept a shift of the codes changes nothing, W x + b =
/// W (x - m) + (b + W m) for any m; near the mean code, products in float32 lose nothing to a common part of all codes.
/// </summary>
internal static class Centre
{
    /// <summary>The mean of every column: sums in float64, in the order of the rows.</summary>
    public static float[] Of(CodeMatrix codes) => Of(codes, Normalization.None);

    /// <summary>The mean of every column of normalised codes.</summary>
    public static float[] Of(CodeMatrix codes, Normalization normalization)
    {
        var sums = new double[codes.Columns];
        for (var row = 0; row < codes.Rows; row++)
        {
            VectorArithmetic.AddScaled(normalization[row], codes.Row(row), sums);
        }

        return Array.ConvertAll(sums, sum => (float)(sum / codes.Rows));
    }

    /// <summary>The codes less the mean, rounded to float32.</summary>
    public static CodeMatrix TakenOff(CodeMatrix codes, float[] centre, int threads)
    {
        var values = new float[codes.Values.Length];
        Workers.For(codes.Rows, threads, (row, _) =>
            VectorArithmetic.Subtract<float>(codes.Row(row), centre, values.AsSpan(row * codes.Columns, codes.Columns)));
        return new CodeMatrix(values, codes.Rows, codes.Columns);
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
