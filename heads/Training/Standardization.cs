namespace OnnxTransfer.Heads;

/// <summary>Columns brought to mean 0 and variance 1 (of the population: divided by N), and weights brought back.</summary>
internal sealed class Standardization
{
    private const int ColumnsPerPiece = 64;

    private readonly double[] means;
    private readonly double[] scales;

    private Standardization(double[] means, double[] scales) => (this.means, this.scales) = (means, scales);

    /// <summary>Measures the columns; a constant one gets scale 0: it contributes nothing.</summary>
    public static Standardization Of(CodeMatrix codes, int threads)
    {
        var (means, scales) = (new double[codes.Columns], new double[codes.Columns]);
        Workers.For((codes.Columns + ColumnsPerPiece - 1) / ColumnsPerPiece, threads, (piece, _) =>
        {
            var from = piece * ColumnsPerPiece;
            var count = Math.Min(ColumnsPerPiece, codes.Columns - from);
            var mean = means.AsSpan(from, count);
            var square = new double[count];
            for (var row = 0; row < codes.Rows; row++)
            {
                VectorArithmetic.AddWidened(codes.Row(row).Slice(from, count), mean);
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
                for (var d = 0; d < count; d++)
                {
                    var difference = code[d] - mean[d];
                    square[d] += difference * difference;
                    varies[d] |= code[d] != first[d];
                }
            }

            for (var d = 0; d < count; d++)
            {
                scales[from + d] = varies[d] ? Math.Sqrt(codes.Rows / square[d]) : 0;
            }
        });
        return new Standardization(means, scales);
    }

    /// <summary>The standardised codes, rounded to float32.</summary>
    public CodeMatrix Apply(CodeMatrix codes, int threads)
    {
        var values = new float[codes.Values.Length];
        Workers.For(codes.Rows, threads, (row, _) =>
        {
            var source = codes.Row(row);
            var target = values.AsSpan(row * codes.Columns, codes.Columns);
            for (var d = 0; d < source.Length; d++)
            {
                target[d] = (float)((source[d] - means[d]) * scales[d]);
            }
        });
        return new CodeMatrix(values, codes.Rows, codes.Columns);
    }

    /// <summary>Turns weights for standardised codes into the same head's weights for raw codes, in place.</summary>
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
