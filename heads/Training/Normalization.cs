namespace OnnxTransfer.Heads;

/// <summary>
/// Codes divided by their Euclidean lengths. A code of zeros stays zero, as it has no direction. Lengths are a code's own and
/// not constants, so a head that was trained this way divides again when it scores.
/// </summary>
internal sealed class Normalization
{
    private readonly double[]? factors;

    private Normalization(double[]? factors) => this.factors = factors;

    /// <summary>Codes as they are.</summary>
    public static Normalization None { get; } = new(null);

    /// <summary>What row <paramref name="row"/> is multiplied by: one over its length, or 1 where codes stay as they are.</summary>
    public double this[int row] => factors is null ? 1 : factors[row];

    /// <summary>Whether codes stay as they are.</summary>
    public bool IsNone => factors is null;

    /// <summary>Measures every code where that is wanted.</summary>
    public static Normalization Of(CodeMatrix codes, bool isWanted, int threads)
    {
        if (!isWanted)
        {
            return None;
        }

        var factors = new double[codes.Rows];
        Workers.For(codes.Rows, threads, (row, _) => factors[row] = Factor(codes.Row(row)));
        return new Normalization(factors);
    }

    /// <summary>One over the length of a code; 0 for a code of zeros. In float64 the squares of float32 neither overflow nor vanish.</summary>
    public static double Factor(ReadOnlySpan<float> code)
    {
        var square = VectorArithmetic.SquaredNorm(code);
        return square == 0 ? 0 : 1 / Math.Sqrt(square);
    }

    /// <summary>The normalised codes less <paramref name="centre"/> (none where it is empty), rounded to float32 once.</summary>
    public CodeMatrix Apply(CodeMatrix codes, float[] centre, int threads)
    {
        var values = new float[codes.Values.Length];
        Workers.For(codes.Rows, threads, (row, _) =>
        {
            var source = codes.Row(row);
            var factor = this[row];
            var target = values.AsSpan(row * codes.Columns, codes.Columns);
            for (var d = 0; d < source.Length; d++)
            {
                target[d] = (float)((source[d] * factor) - (centre.Length > 0 ? centre[d] : 0));
            }
        });
        return new CodeMatrix(values, codes.Rows, codes.Columns);
    }
}
