using OnnxTransfer.Heads;

namespace OnnxTransfer.Study;

/// <summary>Euclidean distances between codes whose columns were brought to mean 0 and variance 1.</summary>
internal sealed class StandardCodes
{
    private readonly CodeMatrix codes;

    private StandardCodes(CodeMatrix codes, NearestRows nearest) => (this.codes, Nearest) = (codes, nearest);

    /// <summary>The nearest codes of each.</summary>
    public NearestRows Nearest { get; }

    /// <summary>Standardises codes and finds the nearest of each; a constant column becomes 0.</summary>
    public static StandardCodes Of(CodeMatrix raw, int neighbours, CancellationToken cancellation)
    {
        var (rows, columns) = (raw.Rows, raw.Columns);
        var (means, squares) = (new double[columns], new double[columns]);
        for (var i = 0; i < rows; i++)
        {
            var code = raw.Row(i);
            for (var d = 0; d < columns; d++)
            {
                means[d] += code[d] / (double)rows;
            }
        }

        for (var i = 0; i < rows; i++)
        {
            var code = raw.Row(i);
            for (var d = 0; d < columns; d++)
            {
                squares[d] += (code[d] - means[d]) * (code[d] - means[d]);
            }
        }

        // A column more turns the largest products into the smallest distances: see NearestRows.
        var (queries, among) = (new float[checked(rows * (columns + 1))], new float[checked(rows * (columns + 1))]);
        for (var i = 0; i < rows; i++)
        {
            var code = raw.Row(i);
            var (square, at) = (0.0, i * (columns + 1));
            for (var d = 0; d < columns; d++)
            {
                var value = squares[d] > 0 ? (float)((code[d] - means[d]) / Math.Sqrt(squares[d] / rows)) : 0;
                queries[at + d] = among[at + d] = value;
                square += (double)value * value;
            }

            (queries[at + columns], among[at + columns]) = (1, (float)(-square / 2));
        }

        var codes = new CodeMatrix(queries, rows, columns + 1);
        return new StandardCodes(codes, NearestRows.Find(codes, new CodeMatrix(among, rows, columns + 1), neighbours, cancellation: cancellation));
    }

    /// <summary>The distance of two codes, in float64.</summary>
    public double Distance(int one, int other)
    {
        var x = codes.Row(one);
        var y = codes.Row(other);
        var sum = 0.0;
        for (var d = 0; d < x.Length; d++)
        {
            var difference = (double)x[d] - y[d];
            sum += difference * difference;
        }

        return Math.Sqrt(sum);
    }
}
