namespace OnnxTransfer.Heads;

/// <summary>
/// The proof of a result, in float64 and from nothing but the weights: the objective f, and a dual value d that no
/// weights can go below.
/// </summary>
/// <remarks>
/// For any slopes G in the range of the loss's derivative, and with columns that sum to zero where the intercept is free,
/// weak duality gives f* >= d = -C^2/2 ||G'X||^2 - C sum_i loss*(g_i), loss* the convex conjugate. G is taken at the
/// weights with their best intercepts; what the intercepts' solve left of the column sums is removed by
/// <see cref="LossFunction.Balance"/>, which keeps G in range.
/// </remarks>
internal static class DualCertificate
{
    /// <summary>Sets the intercepts in <paramref name="w"/> to the best ones (where they are free), and bounds the optimum.</summary>
    public static (double Objective, double DualBound) Of(
        RowSlabs slabs, int[] truth, int classes, LossFunction loss, bool penalizeIntercept, double c, double[] w, int threads,
        CancellationToken cancellation)
    {
        var width = slabs.Codes.Columns + 1;
        var scores = new double[slabs.Codes.Rows * classes];
        using var pass = new CodePass<double>(slabs, classes, threads);
        pass.Run(w, (_, first, rows, block, stride) => Keep(block, stride, scores.AsSpan(first * classes, rows * classes), classes), default);
        if (!penalizeIntercept)
        {
            var shifts = BestIntercepts.Of(scores, truth, classes, loss, threads, cancellation);
            for (var k = 0; k < classes; k++)
            {
                w[(k * width) + width - 1] += shifts[k];
            }

            for (var i = 0; i < truth.Length; i++)
            {
                VectorArithmetic.AddScaled(1, shifts, scores.AsSpan(i * classes, classes));
            }
        }

        var losses = new double[classes];
        var curvature = new double[classes];
        for (var i = 0; i < truth.Length; i++)
        {
            loss.Double.Slope(scores.AsSpan(i * classes, classes), truth[i], curvature, losses);
        }

        var point = new DualPoint(scores, truth, classes);
        if (!penalizeIntercept)
        {
            loss.Balance(point);
        }

        var products = new double[classes * width];
        pass.Run(default, (_, first, rows, block, stride) => Give(scores.AsSpan(first * classes, rows * classes), block, stride, classes), products);
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

        return (penalty + (c * losses.Sum()), loss.DualValue(point, squaredNorms, c));
    }

    private static void Keep(Span<double> block, int stride, Span<double> rows, int classes)
    {
        for (var i = 0; i * classes < rows.Length; i++)
        {
            block.Slice(i * stride, classes).CopyTo(rows.Slice(i * classes, classes));
        }
    }

    private static void Give(ReadOnlySpan<double> rows, Span<double> block, int stride, int classes)
    {
        for (var i = 0; i * classes < rows.Length; i++)
        {
            rows.Slice(i * classes, classes).CopyTo(block[(i * stride)..]);
        }
    }
}
