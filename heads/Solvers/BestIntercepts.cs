namespace OnnxTransfer.Heads;

/// <summary>
/// The shifts of all scores, one per class, that minimise the sum of the losses for fixed weights: a problem of K
/// unknowns, solved like the large one.
/// </summary>
internal static class BestIntercepts
{
    private const double Tolerance = 1e-11;
    private const int MostPasses = 1000;
    private const int RowsPerPiece = 256;

    /// <summary>The shifts for scores of N x K.</summary>
    public static double[] Of(double[] scores, LossFunction loss, int threads, CancellationToken cancellation)
    {
        var (rows, classes) = (loss.Targets.Rows, loss.Targets.Classes);
        var pieces = (rows + RowsPerPiece - 1) / RowsPerPiece;
        var curvatures = new float[scores.Length];
        var diagonals = new double[pieces * classes];
        var sums = new double[pieces * classes];
        var blocks = loss.Separable ? classes : 1;
        var losses = new double[pieces * blocks];
        var diagonal = new double[classes];

        void Pass(Action<int, int, double[]> row, double[] result)
        {
            Array.Clear(sums);
            Workers.For(pieces, threads, (piece, _) =>
            {
                var work = new double[classes];
                for (var i = piece * RowsPerPiece; i < Math.Min(rows, (piece + 1) * RowsPerPiece); i++)
                {
                    row(piece, i, work);
                    VectorArithmetic.AddScaled(1, work, sums.AsSpan(piece * classes, classes));
                }
            });
            Array.Clear(result);
            for (var piece = 0; piece < pieces; piece++)
            {
                VectorArithmetic.AddScaled(1, sums.AsSpan(piece * classes, classes), result);
            }
        }

        void Evaluate(double[] shifts, double[] gradient, double[] values)
        {
            Array.Clear(losses);
            Array.Clear(diagonals);
            Pass(
                (piece, i, work) =>
                {
                    var curvature = curvatures.AsSpan(i * classes, classes);
                    scores.AsSpan(i * classes, classes).CopyTo(work);
                    VectorArithmetic.AddScaled(1, shifts, work);
                    loss.Double(i, work, curvature, losses.AsSpan(piece * blocks, blocks));
                    AddDiagonal(curvature, !loss.Separable, diagonals.AsSpan(piece * classes, classes));
                },
                gradient);
            Array.Clear(diagonal);
            for (var piece = 0; piece < pieces; piece++)
            {
                VectorArithmetic.AddScaled(1, diagonals.AsSpan(piece * classes, classes), diagonal);
            }

            Array.Clear(values);
            for (var i = 0; i < losses.Length; i++)
            {
                values[i % blocks] += losses[i];
            }
        }

        void HessianProduct(double[] direction, double[] product) => Pass(
            (_, i, work) =>
            {
                Curve(direction, curvatures.AsSpan(i * classes, classes), !loss.Separable, work);
            },
            product);

        void Precondition(double[] residual, double[] result)
        {
            for (var k = 0; k < classes; k++)
            {
                result[k] = residual[k] / Math.Max(diagonal[k], 1e-12);
            }
        }

        var best = new double[classes];
        var problem = new SmoothProblem(blocks, classes / blocks, 1e-13, Evaluate, HessianProduct, Precondition);
        TruncatedNewton.Minimise(problem, best, _ => Tolerance * rows, MostPasses, cancellation);
        return best;
    }

    private static void AddDiagonal(ReadOnlySpan<float> curvature, bool isCoupled, Span<double> sums)
    {
        var sum = 0f;
        foreach (var c in curvature)
        {
            sum += c;
        }

        for (var k = 0; k < curvature.Length; k++)
        {
            sums[k] += Curvature.Diagonal(curvature[k], sum, isCoupled);
        }
    }

    /// <summary><see cref="Curvature.Apply"/> in float64.</summary>
    private static void Curve(double[] direction, ReadOnlySpan<float> curvature, bool isCoupled, double[] result)
    {
        var (mean, sum) = (0.0, 0.0);
        for (var k = 0; isCoupled && k < curvature.Length; k++)
        {
            mean += curvature[k] * direction[k];
            sum += curvature[k];
        }

        mean = sum > 0 ? mean / sum : 0;
        for (var k = 0; k < curvature.Length; k++)
        {
            result[k] = curvature[k] * (direction[k] - mean);
        }
    }
}
