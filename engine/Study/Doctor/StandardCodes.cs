using OnnxTransfer.Heads;

namespace OnnxTransfer.Study;

/// <summary>
/// The square roots of codes (with their signs), columns brought to mean 0 and variance 1, and what lies nearest to each.
/// Activations are skewed, and without the roots a few large ones would speak for all.
/// </summary>
internal sealed class StandardCodes
{
    /// <summary>The neighbours that are found of each code, at most.</summary>
    public const int Neighbours = 20;

    // The sum of equal numbers is their multiple but for so much, relative and squared: such a column is constant.
    private const double Rounding = 1e-24;

    private readonly double[] lengths;

    private StandardCodes(CodeMatrix matrix, double[] lengths, NearestRows nearest) => (Matrix, this.lengths, Nearest) = (matrix, lengths, nearest);

    /// <summary>N x (D + 1); the last column is 1.</summary>
    public CodeMatrix Matrix { get; }

    /// <summary>The codes at the smallest Euclidean distances from each.</summary>
    public NearestRows Nearest { get; }

    /// <summary>Takes the roots, standardises and searches; a constant column becomes 0.</summary>
    public static StandardCodes Of(CodeMatrix raw, CancellationToken cancellation)
    {
        var (rows, columns) = (raw.Rows, raw.Columns);
        var (means, squares) = (new double[columns], new double[columns]);
        for (var i = 0; i < rows; i++)
        {
            var code = raw.Row(i);
            for (var d = 0; d < columns; d++)
            {
                means[d] += Root(code[d]) / rows;
            }
        }

        for (var i = 0; i < rows; i++)
        {
            var code = raw.Row(i);
            for (var d = 0; d < columns; d++)
            {
                var difference = Root(code[d]) - means[d];
                squares[d] += difference * difference;
            }
        }

        // A column more turns the largest products into the smallest distances: see NearestRows.
        var (queries, among) = (new float[checked(rows * (columns + 1))], new float[checked(rows * (columns + 1))]);
        var lengths = new double[rows];
        for (var i = 0; i < rows; i++)
        {
            var code = raw.Row(i);
            var (square, at) = (0.0, i * (columns + 1));
            for (var d = 0; d < columns; d++)
            {
                var value = squares[d] > Rounding * rows * means[d] * means[d] ? (float)((Root(code[d]) - means[d]) / Math.Sqrt(squares[d] / rows)) : 0;
                queries[at + d] = among[at + d] = value;
                square += (double)value * value;
            }

            (queries[at + columns], among[at + columns], lengths[i]) = (1, (float)(-square / 2), Math.Sqrt(square));
        }

        var matrix = new CodeMatrix(queries, rows, columns + 1);
        var nearest = NearestRows.Find(matrix, new CodeMatrix(among, rows, columns + 1), Neighbours, cancellation: cancellation);
        return new StandardCodes(matrix, lengths, nearest);
    }

    /// <summary>The codes of several layers behind each other, N x (the sum of D + 1).</summary>
    public static CodeMatrix Join(IReadOnlyList<StandardCodes> layers)
    {
        if (layers.Count == 1)
        {
            return layers[0].Matrix;
        }

        var (rows, columns, first) = (layers[0].Matrix.Rows, layers.Sum(static layer => layer.Matrix.Columns), 0);
        var values = new float[checked(rows * columns)];
        foreach (var layer in layers)
        {
            for (var i = 0; i < rows; i++)
            {
                layer.Matrix.Row(i).CopyTo(values.AsSpan((i * columns) + first));
            }

            first += layer.Matrix.Columns;
        }

        return new CodeMatrix(values, rows, columns);
    }

    /// <summary>The Euclidean distance of two codes.</summary>
    public double Distance(int one, int other)
    {
        var x = Matrix.Row(one);
        var y = Matrix.Row(other);
        var sum = 0.0;
        for (var d = 0; d < x.Length; d++)
        {
            var difference = (double)x[d] - y[d];
            sum += difference * difference;
        }

        return Math.Sqrt(sum);
    }

    /// <summary>The cosine of two codes; 0 where one is the mean code.</summary>
    public double Cosine(int one, int other)
    {
        var x = Matrix.Row(one)[..^1];
        var y = Matrix.Row(other)[..^1];
        var sum = 0.0;
        for (var d = 0; d < x.Length; d++)
        {
            sum += (double)x[d] * y[d];
        }

        return lengths[one] > 0 && lengths[other] > 0 ? sum / (lengths[one] * lengths[other]) : 0;
    }

    private static double Root(float value) => Math.CopySign(Math.Sqrt(Math.Abs(value)), value);
}
