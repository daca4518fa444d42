using MathNet.Numerics.LinearAlgebra;
using MathNet.Numerics.LinearAlgebra.Double;
using OnnxTransfer.Heads;

namespace OnnxTransfer.Study.Tests;

/// <summary>The same formulae from whole matrices, one after the other as they are written, and codes to try them on.</summary>
internal static class GuessOracle
{
    /// <summary>Codes whose classes differ by some standard deviations, about a mean far from 0.</summary>
    public static (CodeMatrix Codes, int[] Truth) Problem(int rows, int columns, int classes, double apart = 1, int seed = 1)
    {
        var random = new Random(seed);
        var truth = Enumerable.Range(0, rows).Select(row => row % classes).ToArray();
        var means = Enumerable.Range(0, classes * columns).Select(_ => 3 + (apart * Normal(random))).ToArray();
        return (new CodeMatrix(Enumerable.Range(0, rows * columns).Select(i => (float)(means[(truth[i / columns] * columns) + (i % columns)] + Normal(random))).ToArray(), rows, columns), truth);
    }

    public static Matrix<double> Matrix(CodeMatrix codes) => DenseMatrix.Create(codes.Rows, codes.Columns, (i, j) => codes.Row(i)[j]);

    /// <summary>The fixed point with the D x D matrix a I + b X'X and its inverse at every step.</summary>
    public static double LogMe(CodeMatrix codes, int[] truth)
    {
        var (x, rows, columns) = (Matrix(codes), codes.Rows, codes.Columns);
        var gram = x.TransposeThisAndMultiply(x);
        var classes = truth.Max() + 1;
        var sum = 0.0;
        for (var k = 0; k < classes; k++)
        {
            var y = DenseVector.Create(rows, i => truth[i] == k ? 1 : 0);
            var (a, b) = (1.0, 1.0);
            Vector<double> m = DenseVector.Create(columns, 0);
            for (var step = 0; step < 11; step++)
            {
                var t = a / b;
                var inverse = (gram + (t * DenseMatrix.CreateIdentity(columns))).Inverse();
                m = inverse * x.TransposeThisAndMultiply(y);
                var used = (inverse * gram).Trace();
                a = used / (m.DotProduct(m) + 1e-5);
                b = (rows - used) / (Math.Pow((y - (x * m)).L2Norm(), 2) + 1e-5);
                if (Math.Abs((a / b) - t) <= 1e-3 * t)
                {
                    break;
                }
            }

            var logDeterminant = ((a * DenseMatrix.CreateIdentity(columns)) + (b * gram)).Cholesky().DeterminantLn;
            sum += ((columns / 2.0 * Math.Log(a)) + (rows / 2.0 * Math.Log(b)) - (rows / 2.0 * Math.Log(2 * Math.PI))
                - (b / 2 * Math.Pow((y - (x * m)).L2Norm(), 2)) - (a / 2 * m.DotProduct(m)) - (0.5 * logDeterminant)) / rows;
        }

        return sum / classes;
    }

    /// <summary>(1 - r) tr(C^-1 B), C of Ledoit and Wolf from the covariance itself.</summary>
    public static double HScore(CodeMatrix codes, int[] truth)
    {
        var (x, rows, columns) = (Matrix(codes), codes.Rows, codes.Columns);
        var mean = x.ColumnSums() / rows;
        var z = DenseMatrix.Create(rows, columns, (i, j) => x[i, j] - mean[j]);
        var s = z.TransposeThisAndMultiply(z) / rows;
        var variance = s.Trace() / columns;
        var delta = Math.Pow((s - (variance * DenseMatrix.CreateIdentity(columns))).FrobeniusNorm(), 2);
        var beta = z.EnumerateRows().Sum(row => Math.Pow((row.OuterProduct(row) - s).FrobeniusNorm(), 2)) / rows / rows;
        var share = Math.Min(beta, delta) / delta;
        var c = ((1 - share) * s) + (share * variance * DenseMatrix.CreateIdentity(columns));
        Matrix<double> between = DenseMatrix.Create(columns, columns, 0);
        for (var k = 0; k <= truth.Max(); k++)
        {
            int[] of = [.. Enumerable.Range(0, rows).Where(row => truth[row] == k)];
            var m = of.Select(z.Row).Aggregate((one, other) => one + other) / of.Length;
            between += m.OuterProduct(m) * of.Length / rows;
        }

        return (1 - share) * (c.Inverse() * between).Trace();
    }

    private static double Normal(Random random) => Math.Sqrt(-2 * Math.Log(1 - random.NextDouble())) * Math.Cos(2 * Math.PI * random.NextDouble());
}
