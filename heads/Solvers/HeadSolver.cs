using System.Diagnostics;

namespace OnnxTransfer.Heads;

/// <summary>
/// Solves one problem to a proven gap: Newton steps in float32, the proof in float64; where float32 no longer moves the
/// gradient and the proof asks for more, the steps go on in float64.
/// </summary>
internal static class HeadSolver
{
    // The duality gap f - d at weights with best intercepts is ||dF/dW||^2 / 2, to be below gap d = gap / (1 + gap) f; a little is left for float32's share in it.
    private const double ShareOfGap = 0.8;
    private const double LeastShare = 1e-3;

    /// <summary>The gradient's norm at which the relative gap is reached.</summary>
    public static double Tolerance(double value, double gap) => Math.Sqrt(2 * ShareOfGap * gap / (1 + gap) * Math.Abs(value));

    /// <summary>Trains on all rows of the codes, less <paramref name="centre"/> where there is one, from zero or <paramref name="start"/> on.</summary>
    /// <returns>K x (D + 1) weights, and their proof.</returns>
    public static (double[] Weights, Certificate Certificate) Solve(
        CodeMatrix codes, float[]? centre, int[] truth, int classes, double c, HeadOptions options, double[]? start, SpectralBasis? basis,
        CancellationToken cancellation)
    {
        var clock = Stopwatch.StartNew();
        var threads = Workers.Count(options.Threads);
        var loss = LossFunction.Of(options.Loss);
        var slabs = new RowSlabs(codes, (0, codes.Rows)) { Centre = centre };
        basis ??= SpectralBasis.Of(slabs, threads, cancellation);
        using var single = new HeadProblem<float>(slabs, truth, classes, loss, options.RegularizeIntercept, basis, threads) { C = c };
        using var exact = new HeadProblem<double>(slabs, truth, classes, loss, options.RegularizeIntercept, basis, threads) { C = c };
        var (problem, passes, gap) = (single.Smooth, 0, options.RelativeGap);
        var w = start ?? new double[classes * (codes.Columns + 1)];
        for (var isExact = false; ;)
        {
            var (spent, reached) = TruncatedNewton.Minimise(
                problem, w, value => Tolerance(value, gap), options.MaxPasses - passes, cancellation);
            var (objective, bound) = DualCertificate.Of(
                slabs, truth, classes, loss, options.RegularizeIntercept, c, w, threads, cancellation);
            passes += spent + 2;
            var certificate = new Certificate(objective, bound, passes, clock.Elapsed.TotalSeconds, false);
            certificate = certificate with { Converged = certificate.RelativeGap <= options.RelativeGap };
            if (certificate.Converged || passes >= options.MaxPasses || (isExact && !reached) || gap < options.RelativeGap * LeastShare)
            {
                return (w, certificate);
            }

            if (reached)
            {
                gap /= 4;
            }
            else
            {
                (problem, isExact) = (exact.Smooth, true);
            }
        }
    }
}
