namespace OnnxTransfer.Heads;

/// <summary>Columns brought to mean 0 and variance 1 (of the population: divided by N), and weights brought back.</summary>
internal sealed class Standardization
{
    private const int ColumnsPerPiece = 64;

    // Codes with one direction have the same numbers once normalised, but for what float32 and the division round away.
    private const double Rounding = 1.0 / (1 << 22);

    private readonly Normalization normalization;
    private readonly double[] means;
    private readonly double[] scales;

    private Standardization(Normalization normalization, double[] means, double[] scales) =>
        (this.normalization, this.means, this.scales) = (normalization, means, scales);

    /// <summary>Measures the columns; a constant one gets scale 0: it contributes nothing.</summary>
    public static Standardization Of(CodeMatrix codes, int threads) => Of(codes, Normalization.None, threads);

    /// <summary>Measures the columns of normalised codes.</summary>
    public static Standardization Of(CodeMatrix codes, Normalization normalization, int threads)
    {
        var rounding = normalization.IsNone ? 0 : Rounding;
        var (means, scales) = (new double[codes.Columns], new double[codes.Columns]);
        Workers.For((codes.Columns + ColumnsPerPiece - 1) / ColumnsPerPiece, threads, (piece, _) =>
        {
            var from = piece * ColumnsPerPiece;
            var count = Math.Min(ColumnsPerPiece, codes.Columns - from);
            var mean = means.AsSpan(from, count);
            var square = new double[count];
            for (var row = 0; row < codes.Rows; row++)
            {
                VectorArithmetic.AddScaled(normalization[row], codes.Row(row).Slice(from, count), mean);
            }

            foreach (ref var value in mean)
            {
                value /= codes.Rows;
            }

            var varies = new bool[count];
            for (var row = 0; row < codes.Rows; row++)
            {
                var code = codes.Row(row).Slice(from, count);
                var first = codes.Row(0).Slice(from, count);
                var (factor, factorOfFirst) = (normalization[row], normalization[0]);
                for (var d = 0; d < count; d++)
                {
                    var (value, valueOfFirst) = (code[d] * factor, first[d] * factorOfFirst);
                    var difference = value - mean[d];
                    square[d] += difference * difference;
                    varies[d] |= Math.Abs(value - valueOfFirst) > rounding * Math.Abs(valueOfFirst);
                }
            }

            for (var d = 0; d < count; d++)
            {
                scales[from + d] = varies[d] ? Math.Sqrt(codes.Rows / square[d]) : 0;
            }
        });
        return new Standardization(normalization, means, scales);
    }

    /// <summary>The standardised codes that were measured, rounded to float32.</summary>
    public CodeMatrix Apply(CodeMatrix codes, int threads)
    {
        var values = new float[codes.Values.Length];
        Workers.For(codes.Rows, threads, (row, _) =>
        {
            var source = codes.Row(row);
            var factor = normalization[row];
            var target = values.AsSpan(row * codes.Columns, codes.Columns);
            for (var d = 0; d < source.Length; d++)
            {
                target[d] = (float)(((source[d] * factor) - means[d]) * scales[d]);
            }
        });
        return new CodeMatrix(values, codes.Rows, codes.Columns);
    }

    /// <summary>Turns weights for standardised codes into the same head's weights for the codes that were measured, in place.</summary>
    public void FoldInto(Span<double> weights)
    {
        var width = means.Length + 1;
        for (var k = 0; k < weights.Length / width; k++)
        {
            var row = weights.Slice(k * width, width);
            for (var d = 0; d < means.Length; d++)
            {
                row[d] *= scales[d];
            }

            row[^1] -= VectorArithmetic.Dot(means, row);
        }
    }

    /// <summary>The inverse of <see cref="FoldInto"/>; a constant column gets weight 0, and the intercept what it contributed.</summary>
    public void TakeOutOf(Span<double> weights)
    {
        var width = means.Length + 1;
        for (var k = 0; k < weights.Length / width; k++)
        {
            var row = weights.Slice(k * width, width);
            row[^1] += VectorArithmetic.Dot(means, row);
            for (var d = 0; d < means.Length; d++)
            {
                row[d] = scales[d] > 0 ? row[d] / scales[d] : 0;
            }
        }
    }
}
