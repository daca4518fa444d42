namespace OnnxTransfer.Heads;

/// <summary>Columns brought to mean 0 and variance 1 (of the population: divided by N), and weights brought back.</summary>
internal sealed class Standardization
{
    private const int ColumnsPerPiece = 64;

    // Blocks of rows are walked by all threads together: a file is read once for means and once for variances.
    private const int RowsPerBlock = 1024;

    // Codes with one direction have the same numbers once normalised, but for what float32 and the division round away.
    private const double Rounding = 1.0 / (1 << 22);

    private readonly double[] means;
    private readonly double[] scales;

    private Standardization(double[] means, double[] scales) => (this.means, this.scales) = (means, scales);

    /// <summary>Measures the columns of codes, normalised where they have factors; a constant one gets scale 0: it contributes nothing.</summary>
    public static Standardization Of(CodeView codes, int threads)
    {
        var rounding = codes.Factors is null ? 0 : Rounding;
        var (means, squares, varies) = (new double[codes.Columns], new double[codes.Columns], new bool[codes.Columns]);
        Walk(codes, threads, (row, from, count) =>
            VectorArithmetic.AddScaled(codes.Factor(row), codes.Stored(row).Slice(from, count), means.AsSpan(from, count)));
        foreach (ref var value in means.AsSpan())
        {
            value /= codes.Rows;
        }

        Walk(codes, threads, (row, from, count) =>
        {
            var code = codes.Stored(row).Slice(from, count);
            var first = codes.Stored(0).Slice(from, count);
            var (factor, factorOfFirst) = (codes.Factor(row), codes.Factor(0));
            for (var d = 0; d < count; d++)
            {
                var (value, valueOfFirst) = (factor * code[d], factorOfFirst * first[d]);
                var difference = value - means[from + d];
                squares[from + d] += difference * difference;
                varies[from + d] |= Math.Abs(value - valueOfFirst) > rounding * Math.Abs(valueOfFirst);
            }
        });
        return new Standardization(means, [.. squares.Select((square, d) => varies[d] ? Math.Sqrt(codes.Rows / square) : 0)]);
    }

    /// <summary>Sets <paramref name="standardized"/> to a code times <paramref name="factor"/>, standardised and rounded to float32.</summary>
    public void Apply(double factor, ReadOnlySpan<float> code, Span<float> standardized) =>
        VectorArithmetic.Standardize(factor, code, means, scales, standardized);

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

    /// <summary>Calls <paramref name="visit"/>(row, first column, columns) for all rows, in their order for each column.</summary>
    private static void Walk(CodeView codes, int threads, Action<int, int, int> visit)
    {
        var pieces = (codes.Columns + ColumnsPerPiece - 1) / ColumnsPerPiece;
        for (var block = 0; block < codes.Rows; block += RowsPerBlock)
        {
            var (start, end) = (block, Math.Min(codes.Rows, block + RowsPerBlock));
            Workers.For(pieces, threads, (piece, _) =>
            {
                var from = piece * ColumnsPerPiece;
                for (var row = start; row < end; row++)
                {
                    visit(row, from, Math.Min(ColumnsPerPiece, codes.Columns - from));
                }
            });
        }
    }
}
