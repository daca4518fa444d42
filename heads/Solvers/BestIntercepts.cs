namespace OnnxTransfer.Heads;

/// <summary>
/// The shifts of all scores, one per class, that minimise the sum of the losses for fixed weights: a problem of K
/// unknowns, solved like the large one.
/// </summary>
internal static class BestIntercepts
{
    /// <summary>Scores up to which curvatures are kept.</summary>
    public const long MostKept = 1L << 23;

    private const double Tolerance = 1e-11;
    private const int MostPasses = 1000;
    private const int RowsPerPiece = 256;

    /// <summary>The shifts for scores of N x K.</summary>
    /// <param name="scores">N x K.</param>
    /// <param name="loss">The loss.</param>
    /// <param name="threads">Threads.</param>
    /// <param name="cancellation">Looked at before every pass.</param>
    /// <param name="mostKept">Scores up to which curvatures are kept; those of more are made again, the same, where they are needed.</param>
    public static double[] Of(double[] scores, LossFunction loss, int threads, CancellationToken cancellation, long mostKept = MostKept)
    {
        var (rows, classes) = (loss.Targets.Rows, loss.Targets.Classes);
        var pieces = (rows + RowsPerPiece - 1) / RowsPerPiece;
        var curvatures = scores.Length <= mostKept ? new float[scores.Length] : null;
        var diagonals = new double[pieces * classes];
        var sums = new double[pieces * classes];
        var blocks = loss.Separable ? classes : 1;
        var losses = new double[pieces * blocks];
        var (diagonal, damping, point) = (new double[classes], new double[classes], new double[classes]);
        var reach = 2 * (1 + LargestMagnitude(scores));

        void Pass(Action<int, int, Room> row, double[] result)
        {
            Array.Clear(sums);
            Workers.For(pieces, threads, (piece, _) =>
            {
                var room = new Room(new double[classes], new float[classes], new double[blocks]);
                for (var i = piece * RowsPerPiece; i < Math.Min(rows, (piece + 1) * RowsPerPiece); i++)
                {
                    row(piece, i, room);
                    VectorArithmetic.AddScaled(1, room.Row, sums.AsSpan(piece * classes, classes));
                }
            });
            Array.Clear(result);
            for (var piece = 0; piece < pieces; piece++)
            {
                VectorArithmetic.AddScaled(1, sums.AsSpan(piece * classes, classes), result);
            }
        }

        Span<float> CurvatureOf(int i, Room room) => curvatures is null ? room.Curvature : curvatures.AsSpan(i * classes, classes);

        void SetSlopes(int i, Room room, Span<double> values)
        {
            scores.AsSpan(i * classes, classes).CopyTo(room.Row);
            VectorArithmetic.AddScaled(1, point, room.Row);
            loss.Double(i, room.Row, CurvatureOf(i, room), values);
        }

        void Evaluate(double[] shifts, double[] gradient, double[] values)
        {
            shifts.CopyTo(point, 0);
            Array.Clear(losses);
            Array.Clear(diagonals);
            Pass(
                (piece, i, room) =>
                {
                    SetSlopes(i, room, losses.AsSpan(piece * blocks, blocks));
                    AddDiagonal(CurvatureOf(i, room), !loss.Separable, diagonals.AsSpan(piece * classes, classes));
                },
                gradient);
            Array.Clear(diagonal);
            for (var piece = 0; piece < pieces; piece++)
            {
                VectorArithmetic.AddScaled(1, diagonals.AsSpan(piece * classes, classes), diagonal);
            }

            // Where no row bends, the slope alone would send a shift anywhere (Levenberg, 1944); rows bend within reach.
            var steepest = gradient.Max(Math.Abs);
            for (var k = 0; k < classes; k++)
            {
                damping[k] = (loss.Separable ? Math.Abs(gradient[k]) : steepest) / reach;
            }

            Array.Clear(values);
            for (var i = 0; i < losses.Length; i++)
            {
                values[i % blocks] += losses[i];
            }
        }

        void HessianProduct(double[] direction, double[] product)
        {
            Pass(
                (_, i, room) =>
                {
                    if (curvatures is null)
                    {
                        SetSlopes(i, room, room.Losses);
                    }

                    Curve(direction, CurvatureOf(i, room), !loss.Separable, room.Row);
                },
                product);
            for (var k = 0; k < classes; k++)
            {
                product[k] += damping[k] * direction[k];
            }
        }

        void Precondition(double[] residual, double[] result)
        {
            for (var k = 0; k < classes; k++)
            {
                result[k] = residual[k] / Math.Max(diagonal[k] + damping[k], 1e-12);
            }
        }

        var best = new double[classes];
        var problem = new SmoothProblem(blocks, classes / blocks, 1e-13, Evaluate, HessianProduct, Precondition);
        TruncatedNewton.Minimise(problem, best, _ => Tolerance * rows, MostPasses, cancellation);
        return best;
    }

    private static double LargestMagnitude(double[] scores)
    {
        var largest = 0.0;
        foreach (var score in scores)
        {
            largest = Math.Max(largest, Math.Abs(score));
        }

        return largest;
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

    /// <summary>What is made of one row: scores, then slopes or a product; curvatures; losses that nobody wants.</summary>
    private sealed record Room(double[] Row, float[] Curvature, double[] Losses);
}
