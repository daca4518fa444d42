using MathNet.Numerics.LinearAlgebra;
using OnnxTransfer.Heads;
using Lanes = System.Numerics.Vector<double>;

namespace OnnxTransfer.Study;

/// <summary>The directions in which codes differ most.</summary>
/// <param name="Scores">N x K, row by row: the codes less their mean, along the directions; the largest variance first.</param>
/// <param name="Shares">Of each direction, its share of the variance.</param>
internal sealed record PrincipalComponents(double[] Scores, IReadOnlyList<double> Shares)
{
    // Halko, Martinsson and Tropp (2011): a few columns more than wanted, and a few iterations, make the wanted ones exact to plotting.
    private const int Surplus = 10;
    private const int Iterations = 6;
    private const int ColumnsOfBlock = 64;

    /// <summary>K.</summary>
    public int Count => Shares.Count;

    /// <summary>
    /// By seeded randomised subspace iteration (Halko, Martinsson and Tropp, 2011, algorithm 4.4). Directions are turned so that
    /// the score of largest magnitude is positive.
    /// </summary>
    /// <param name="codes">N x D.</param>
    /// <param name="count">K; fewer come where codes have fewer rows or columns.</param>
    /// <param name="seed">Of the first subspace.</param>
    /// <param name="cancellation">Looked at before every iteration.</param>
    public static PrincipalComponents Of(CodeMatrix codes, int count, int seed = 0, CancellationToken cancellation = default)
    {
        var width = Math.Min(count + Surplus, Math.Min(codes.Rows, codes.Columns));
        var centred = Centred(codes);
        var random = new Random(seed);
        var directions = new double[codes.Columns * width];
        for (var i = 0; i < directions.Length; i++)
        {
            directions[i] = Math.Sqrt(-2 * Math.Log(1 - random.NextDouble())) * Math.Cos(2 * Math.PI * random.NextDouble());
        }

        Orthonormalise(directions, codes.Columns, width);
        var scores = new double[codes.Rows * width];
        for (var iteration = 0; iteration < Iterations; iteration++)
        {
            cancellation.ThrowIfCancellationRequested();
            Project(centred, directions, scores, codes.Rows, codes.Columns, width);
            Orthonormalise(scores, codes.Rows, width);
            Combine(centred, scores, directions, codes.Rows, codes.Columns, width);
            Orthonormalise(directions, codes.Columns, width);
        }

        Project(centred, directions, scores, codes.Rows, codes.Columns, width);
        return Turned(scores, codes.Rows, width, Math.Min(count, width), centred.Sum(static value => value * value));
    }

    private static double[] Centred(CodeMatrix codes)
    {
        var values = new double[codes.Rows * codes.Columns];
        for (var column = 0; column < codes.Columns; column++)
        {
            var sum = 0.0;
            for (var row = 0; row < codes.Rows; row++)
            {
                sum += codes.Values.Span[(row * codes.Columns) + column];
            }

            for (var row = 0; row < codes.Rows; row++)
            {
                var at = (row * codes.Columns) + column;
                values[at] = codes.Values.Span[at] - (sum / codes.Rows);
            }
        }

        return values;
    }

    /// <summary>scores = codes directions; a row is one thread's.</summary>
    private static void Project(double[] codes, double[] directions, double[] scores, int rows, int columns, int width) =>
        Parallel.For(0, rows, row =>
        {
            var sums = scores.AsSpan(row * width, width);
            sums.Clear();
            for (var column = 0; column < columns; column++)
            {
                AddScaled(sums, codes[(row * columns) + column], directions.AsSpan(column * width, width));
            }
        });

    /// <summary>directions = codes' scores; a block of columns is one thread's, and the rows come in order.</summary>
    private static void Combine(double[] codes, double[] scores, double[] directions, int rows, int columns, int width) =>
        Parallel.For(0, (columns + ColumnsOfBlock - 1) / ColumnsOfBlock, block =>
        {
            var (first, end) = (block * ColumnsOfBlock, Math.Min(columns, (block + 1) * ColumnsOfBlock));
            directions.AsSpan(first * width, (end - first) * width).Clear();
            for (var row = 0; row < rows; row++)
            {
                for (var column = first; column < end; column++)
                {
                    AddScaled(directions.AsSpan(column * width, width), codes[(row * columns) + column], scores.AsSpan(row * width, width));
                }
            }
        });

    private static void AddScaled(Span<double> sums, double factor, ReadOnlySpan<double> values)
    {
        var k = 0;
        for (; k <= sums.Length - Lanes.Count; k += Lanes.Count)
        {
            (new Lanes(sums[k..]) + (new Lanes(values[k..]) * factor)).CopyTo(sums[k..]);
        }

        for (; k < sums.Length; k++)
        {
            sums[k] += values[k] * factor;
        }
    }

    /// <summary>Modified Gram-Schmidt, each column twice; a column within the span of those before becomes 0.</summary>
    private static void Orthonormalise(double[] matrix, int rows, int width)
    {
        for (var k = 0; k < width; k++)
        {
            var before = Math.Sqrt(Dot(matrix, rows, width, k, k));
            for (var other = 0; other < 2 * k; other++)
            {
                var projection = Dot(matrix, rows, width, k, other % k);
                for (var row = 0; row < rows; row++)
                {
                    matrix[(row * width) + k] -= projection * matrix[(row * width) + (other % k)];
                }
            }

            var length = Math.Sqrt(Dot(matrix, rows, width, k, k));
            var factor = length > 1e-12 * before ? 1 / length : 0;
            for (var row = 0; row < rows; row++)
            {
                matrix[(row * width) + k] *= factor;
            }
        }
    }

    private static double Dot(double[] matrix, int rows, int width, int one, int other)
    {
        var sum = 0.0;
        for (var row = 0; row < rows; row++)
        {
            sum += matrix[(row * width) + one] * matrix[(row * width) + other];
        }

        return sum;
    }

    /// <summary>Turns scores within their subspace to the directions of largest variance: the eigenvectors of scores' scores.</summary>
    private static PrincipalComponents Turned(double[] scores, int rows, int width, int count, double total)
    {
        var gram = Matrix<double>.Build.Dense(width, width, (one, other) => Dot(scores, rows, width, one, other)).Evd(Symmetricity.Symmetric);
        var (turned, shares) = (new double[rows * count], new double[count]);
        for (var k = 0; k < count; k++)
        {
            var vector = gram.EigenVectors.Column(width - 1 - k);
            shares[k] = total > 0 ? Math.Max(0, gram.EigenValues[width - 1 - k].Real) / total : 0;
            var largest = 0.0;
            for (var row = 0; row < rows; row++)
            {
                var sum = 0.0;
                for (var j = 0; j < width; j++)
                {
                    sum += scores[(row * width) + j] * vector[j];
                }

                turned[(row * count) + k] = sum;
                largest = Math.Abs(sum) > Math.Abs(largest) ? sum : largest;
            }

            for (var row = 0; row < rows && largest < 0; row++)
            {
                turned[(row * count) + k] *= -1;
            }
        }

        return new PrincipalComponents(turned, shares);
    }
}
