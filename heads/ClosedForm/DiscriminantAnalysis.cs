namespace OnnxTransfer.Heads;

/// <summary>Linear discriminant analysis with a shrunk covariance, solved in the smaller of N and D dimensions.</summary>
/// <remarks>
/// With Z the N x D codes less the means of their classes, Sigma = s I + t Z'Z. Where N is less than D, by Woodbury's
/// identity Sigma^-1 m = (m - Z'(s/t I + ZZ')^-1 Z m) / s.
/// </remarks>
internal static unsafe class DiscriminantAnalysis
{
    /// <summary>K x (D + 1) weights for codes less the mean code: w_k = Sigma^-1 mu_k, and log(n_k / N) - w_k' mu_k / 2 last.</summary>
    /// <remarks>
    /// Where all codes of every class are equal, one image per class for example, nothing is known of how codes lie about
    /// their class means; the variance about the mean code stands in, and the head is the nearest class mean's to scale.
    /// </remarks>
    public static double[] Weights(ClassMeans means, int threads, CancellationToken cancellation)
    {
        var (rows, columns) = (means.Codes.Rows, means.Codes.Columns);
        var weights = new double[means.Counts.Length * (columns + 1)];
        for (var k = 0; k < means.Counts.Length; k++)
        {
            means.Mean(k).CopyTo(Row(weights, columns, k));
        }

        if (Array.TrueForAll(means.SquaresWithin, square => square == 0))
        {
            var variance = means.SquaresAbout / rows / columns;
            Divide(weights, variance > 0 ? variance : 1);
        }
        else
        {
            ApplyInverse(means, weights, threads, cancellation);
        }

        for (var k = 0; k < means.Counts.Length; k++)
        {
            var row = Row(weights, columns, k);
            weights[(k * (columns + 1)) + columns] =
                Math.Log((double)means.Counts[k] / rows) - (0.5 * VectorArithmetic.Dot(means.Mean(k), row));
        }

        return weights;
    }

    private static void ApplyInverse(ClassMeans means, double[] weights, int threads, CancellationToken cancellation)
    {
        var (rows, columns) = (means.Codes.Rows, means.Codes.Columns);
        var byRows = rows < columns;
        var (size, depth) = byRows ? (rows, columns) : (columns, rows);
        using var y = Deviations(means, byRows);
        var shrinkage = LedoitWolf.Of(means.SquaresWithin, columns, Gram.SquaredNorm(y, size, depth, threads));
        cancellation.ThrowIfCancellationRequested();
        var (s, t) = (shrinkage.Share * shrinkage.Variance, (1 - shrinkage.Share) / rows);
        if (t == 0)
        {
            Divide(weights, s);
            return;
        }

        using var factor = (byRows ? Cholesky<double>.Of(y, size, depth, s / t, 1) : Cholesky<double>.Of(y, size, depth, s, t))
            ?? throw new OnnxTransferException(
                FailureKind.Mathematics, "The covariance of the codes has no inverse in float64; scale or standardise the codes.");
        cancellation.ThrowIfCancellationRequested();
        Workers.For(means.Counts.Length, threads, (k, _) =>
        {
            var row = Row(weights, columns, k);
            if (byRows)
            {
                Woodbury(y, rows, columns, factor, s, row);
            }
            else
            {
                factor.Solve(row);
            }
        });
    }

    private static void Woodbury(AlignedBuffer<double> z, int rows, int columns, Cholesky<double> factor, double s, Span<double> x)
    {
        var products = new double[rows];
        for (var i = 0; i < rows; i++)
        {
            products[i] = VectorArithmetic.Dot(new ReadOnlySpan<double>(z.Start + ((long)i * columns), columns), x);
        }

        factor.Solve(products);
        for (var i = 0; i < rows; i++)
        {
            VectorArithmetic.AddScaled(-products[i], new ReadOnlySpan<double>(z.Start + ((long)i * columns), columns), x);
        }

        Divide(x, s);
    }

    /// <summary>Z row by row, or Z' row by row.</summary>
    private static AlignedBuffer<double> Deviations(ClassMeans means, bool byRows)
    {
        var (rows, columns) = (means.Codes.Rows, means.Codes.Columns);
        var y = new AlignedBuffer<double>((long)rows * columns);
        var z = new double[columns];
        for (var i = 0; i < rows; i++)
        {
            means.Deviation(i, z);
            for (var d = 0; d < columns; d++)
            {
                y.Start[byRows ? ((long)i * columns) + d : ((long)d * rows) + i] = z[d];
            }
        }

        return y;
    }

    private static Span<double> Row(double[] weights, int columns, int k) => weights.AsSpan(k * (columns + 1), columns);

    private static void Divide(Span<double> values, double divisor)
    {
        foreach (ref var value in values)
        {
            value /= divisor;
        }
    }
}
