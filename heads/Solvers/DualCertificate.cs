using System.Numerics;

namespace OnnxTransfer.Heads;

/// <summary>
/// The proof of a result, in float64 and from nothing but the weights: the objective f, and a dual value d that no
/// weights can go below.
/// </summary>
/// <remarks>
/// For any slopes G in the range of the loss's derivative, and with columns that sum to zero where the intercept is free,
/// weak duality gives f* >= d = -C^2/2 ||G'X||^2 - C sum_i loss*(g_i), loss* the convex conjugate. G is taken at the
/// weights with their best intercepts, or given where the loss is not smooth; what is left of the column sums is removed
/// by <see cref="LossFunction.Balance"/>, which keeps G in range.
/// </remarks>
internal static class DualCertificate
{
    /// <summary>
    /// Sets the intercepts in <paramref name="w"/> to the best ones, where they are free and there are smooth slopes, and
    /// bounds the optimum.
    /// </summary>
    /// <typeparam name="T">The precision of the passes: float64 for a proof, float32 for an estimate.</typeparam>
    /// <param name="slabs">All codes.</param>
    /// <param name="loss">The loss.</param>
    /// <param name="penalizeIntercept">Whether the intercept is penalised.</param>
    /// <param name="c">C.</param>
    /// <param name="w">K x (D + 1).</param>
    /// <param name="smoothed">The smooth loss whose slopes are G, where <paramref name="loss"/> is not smooth; null: G is given.</param>
    /// <param name="multipliers">G, N x K weighted slopes in the loss's range, given or set; null, for a smooth loss: its slopes are G.</param>
    /// <param name="threads">Threads.</param>
    /// <param name="cancellation">Looked at in the intercepts' solve.</param>
    public static (double Objective, double DualBound) Of<T>(
        RowSlabs slabs, LossFunction loss, bool penalizeIntercept, double c, double[] w, LossFunction? smoothed, float[]? multipliers, int threads,
        CancellationToken cancellation)
        where T : unmanaged, IFloatingPointIeee754<T>
    {
        var (rows, classes, width) = (loss.Targets.Rows, loss.Targets.Classes, slabs.Codes.Columns + 1);
        var source = multipliers is null ? loss : smoothed;
        var scores = new double[rows * classes];
        using var pass = new CodePass<T>(slabs, classes, threads);
        pass.Run(w, (_, first, count, block, stride) => Keep<T>(block, stride, scores.AsSpan(first * classes, count * classes), classes), default);
        if (!penalizeIntercept && source is not null)
        {
            var shifts = BestIntercepts.Of(scores, source, threads, cancellation);
            for (var k = 0; k < classes; k++)
            {
                w[(k * width) + width - 1] += shifts[k];
            }

            for (var i = 0; i < rows; i++)
            {
                VectorArithmetic.AddScaled(1, shifts, scores.AsSpan(i * classes, classes));
            }
        }

        var losses = SlopesOf(scores, loss, source, multipliers);
        var point = new DualPoint(scores, loss.Targets);
        if (!penalizeIntercept)
        {
            loss.Balance(point);
        }

        var products = new double[classes * width];
        pass.Run(default, (_, first, count, block, stride) => Give<T>(scores.AsSpan(first * classes, count * classes), block, stride, classes), products);
        var squaredNorms = new double[classes];
        var penalty = 0.0;
        for (var k = 0; k < classes; k++)
        {
            var row = w.AsSpan(k * width, width);
            var product = products.AsSpan(k * width, width);
            var columns = penalizeIntercept ? width : width - 1;
            penalty += 0.5 * VectorArithmetic.Dot(row[..columns], row);
            squaredNorms[k] = VectorArithmetic.Dot(product[..columns], product);
        }

        return (penalty + (c * losses), loss.DualValue(point, squaredNorms, c));
    }

    /// <summary>Replaces scores by the slopes G; gives the sum of the losses.</summary>
    private static double SlopesOf(double[] scores, LossFunction loss, LossFunction? source, float[]? multipliers)
    {
        var classes = loss.Targets.Classes;
        var (losses, unused, copy, curvature) = (new double[classes], new double[classes], new double[classes], new float[classes]);
        for (var i = 0; i < loss.Targets.Rows; i++)
        {
            var score = scores.AsSpan(i * classes, classes);
            score.CopyTo(copy);
            loss.Double(i, copy, curvature, losses);
            if (multipliers is null)
            {
                copy.CopyTo(score);
                continue;
            }

            source?.Double(i, score, curvature, unused);
            for (var k = 0; k < classes; k++)
            {
                ref var slope = ref multipliers[(i * classes) + k];
                slope = source is null ? slope : (float)score[k];
                score[k] = slope;
            }
        }

        return losses.Sum();
    }

    private static void Keep<T>(Span<T> block, int stride, Span<double> rows, int classes) where T : unmanaged, IFloatingPointIeee754<T>
    {
        for (var i = 0; i * classes < rows.Length; i++)
        {
            for (var k = 0; k < classes; k++)
            {
                rows[(i * classes) + k] = double.CreateTruncating(block[(i * stride) + k]);
            }
        }
    }

    private static void Give<T>(ReadOnlySpan<double> rows, Span<T> block, int stride, int classes) where T : unmanaged, IFloatingPointIeee754<T>
    {
        for (var i = 0; i * classes < rows.Length; i++)
        {
            for (var k = 0; k < classes; k++)
            {
                block[(i * stride) + k] = T.CreateTruncating(rows[(i * classes) + k]);
            }
        }
    }
}
