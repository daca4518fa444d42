using System.Diagnostics;

namespace OnnxTransfer.Heads;

/// <summary>
/// Solves one problem to a proven gap. One-vs-rest svms and Crammer and Singer's go through their duals; for the others C rises
/// in decades from where the problem is easy, each optimum the start of the next. Newton steps are in float32, the proof in
/// float64; where float32 no longer moves the gradient and the proof asks for more, the steps go on in float64.
/// </summary>
internal static class HeadSolver
{
    // The duality gap f - d at weights with best intercepts is ||dF/dW||^2 / 2, to be below gap d = gap / (1 + gap) f; a little is left for float32's share in it.
    private const double ShareOfGap = 0.8;
    private const double LeastShare = 1e-3;

    // C times the mean ||x||^2 up to which a problem is solved from zero on, and the gap on the way.
    private const double EasyC = 10;
    private const double StageGap = 0.1;

    // The share of the wanted gap, by the dual variables, at which a class of a start is left as it is.
    private const double ShareOfSlopes = 1e-3;

    // The gap from which on a dual solution that is not enough is a start for Newton's method.
    private const double NearGap = 0.1;

    // N x K from which on what is not in use is given back to the system at once.
    private const long CollectedNumbers = 1L << 22;

    // How much of the second derivative may be left out (HeadHessian.Threshold), step by step as more is asked for.
    private static readonly double[] Thresholds = [0.03, 1e-3, 0];

    /// <summary>The gradient's norm at which the relative gap is reached.</summary>
    public static double Tolerance(double value, double gap) => Math.Sqrt(2 * ShareOfGap * gap / (1 + gap) * Math.Abs(value));

    /// <summary>C in decades from where the problem is easy up to <paramref name="c"/>.</summary>
    public static IEnumerable<double> Decades(double c, SpectralBasis basis)
    {
        var count = (int)Math.Max(0, Math.Ceiling(Math.Log10(c * (basis.MeanSquare + 1) / EasyC)));
        for (var i = count; i >= 0; i--)
        {
            yield return c * Math.Pow(10, -i);
        }
    }

    /// <summary>Trains on all rows of the codes from zero or <paramref name="start"/> on.</summary>
    /// <param name="exact">The codes, less their centre where there is one: what is proved.</param>
    /// <param name="work">The same, for the iterations in float32: a copy with the centre taken off, where there is room.</param>
    /// <param name="targets">What is true of the rows.</param>
    /// <param name="c">C.</param>
    /// <param name="options">How.</param>
    /// <param name="start">K x (D + 1) weights near the optimum; null: none are known.</param>
    /// <param name="known">N x K signed dual variables near the optimum, beside a start; null: none are known.</param>
    /// <param name="cancellation">Ends the solve.</param>
    /// <returns>K x (D + 1) weights, their proof, and N x K signed dual variables, where it was they that were solved for.</returns>
    public static (double[] Weights, Certificate Certificate, double[]? Signed) Solve(
        RowSlabs exact, RowSlabs work, Targets targets, double c, HeadOptions options, double[]? start, double[]? known,
        CancellationToken cancellation)
    {
        var clock = Stopwatch.StartNew();
        var threads = Workers.Count(options.Threads);
        var loss = LossFunction.Of(options.Loss, targets);
        var (passes, slopes) = (0, (float[]?)null);
        if (DualCoordinates.CanSolve(options.Loss, exact.Rows, targets.Classes))
        {
            var lengths = SpectralBasis.OfLengths(work, threads);
            using var dual = new DualCoordinates(exact, work, targets, options.Loss, options.RegularizeIntercept, c, lengths, threads);
            var certificate = Dual(dual, exact, loss, c, options, start, known, clock, cancellation);
            if (certificate.Converged)
            {
                return (dual.Weights, certificate, dual.Signed);
            }

            passes = certificate.Passes;
            (start, slopes) = certificate.RelativeGap <= NearGap ? (dual.Weights, dual.Slopes()) : (start, null);
        }

        if (options.Loss == HeadLoss.CrammerSinger)
        {
            using var dual = new SequentialDual(
                exact, work, targets, options.RegularizeIntercept, c, SpectralBasis.OfLengths(work, threads), threads);
            var certificate = Sequential(dual, new Prover(exact, loss, options, c, dual.Weights, clock, cancellation));
            if (certificate.Converged || certificate.Passes >= options.MaxPasses)
            {
                return (dual.Weights, certificate, null);
            }

            passes = certificate.Passes;
            (start, slopes) = certificate.RelativeGap <= NearGap ? (dual.Weights, dual.Slopes()) : (start, null);
        }

        start ??= loss.IsSmooth ? InRowSpace(work, targets, c, options, cancellation) : null;
        var basis = loss.IsQuadratic && QuadraticInverse.Fits(work) ? SpectralBasis.OfLengths(work, threads) : SpectralBasis.Of(work, threads, cancellation);
        var w = start ?? new double[targets.Classes * (exact.Codes.Columns + 1)];
        var stages = start is null && !loss.IsQuadratic ? [.. Decades(c, basis)] : new[] { c };
        var prover = new Prover(exact, loss, options, c, w, clock, cancellation);
        return loss.IsSmooth
            ? (w, Smooth(exact, work, loss, stages, options, w, basis, start is not null && loss.Separable, passes, prover, cancellation), null)
            : (w, Proximal(exact, work, targets, stages, options, w, slopes, basis, passes, prover, cancellation), null);
    }

    /// <summary>A start near the optimum where the rows are few; null where they are not.</summary>
    private static double[]? InRowSpace(RowSlabs work, Targets targets, double c, HeadOptions options, CancellationToken cancellation)
    {
        using var space = RowSpace.Of(work, Workers.Count(options.Threads));
        return space?.Expand(Solve(space.Slabs, space.Slabs, targets, c, options, null, null, cancellation).Weights);
    }

    /// <summary>Solves the dual, with float64 where float32 does not do.</summary>
    private static Certificate Dual(
        DualCoordinates dual, RowSlabs exact, LossFunction loss, double c, HeadOptions options, double[]? start, double[]? known, Stopwatch clock,
        CancellationToken cancellation)
    {
        var prover = new Prover(exact, loss, options, c, dual.Weights, clock, cancellation);
        Certificate Prove()
        {
            var passes = dual.Passes;
            return prover.Prove(ref passes, loss.IsSmooth ? null : dual.Slopes());
        }

        // A smooth loss is proved by its slopes at the weights, which are further from the optimum than dual variables are.
        dual.Descend(start, known, loss.IsSmooth ? ShareOfSlopes * options.RelativeGap : options.RelativeGap, options.MaxPasses, cancellation);
        dual.Settle<float>(loss.IsSmooth ? 0 : options.RelativeGap, options.MaxPasses, cancellation);
        var certificate = Prove();
        if (certificate.Converged || certificate.RelativeGap > NearGap)
        {
            return certificate;
        }

        dual.Settle<double>(0, options.MaxPasses, cancellation);
        return Prove();
    }

    /// <summary>Solves the dual row by row.</summary>
    private static Certificate Sequential(SequentialDual dual, Prover prover)
    {
        var (gap, inFloat64) = (prover.Options.RelativeGap, false);
        while (true)
        {
            var isDone = !dual.Descend(ShareOfGap * gap, inFloat64, prover.Options.MaxPasses, prover.Cancellation);
            var passes = dual.Passes;
            var certificate = prover.Prove(ref passes, dual.Slopes());
            if (certificate.Converged || isDone || passes >= prover.Options.MaxPasses || gap < prover.Options.RelativeGap * LeastShare)
            {
                return certificate;
            }

            (gap, inFloat64) = (gap / 4, true);
        }
    }

    private static Certificate Smooth(
        RowSlabs exact, RowSlabs work, LossFunction loss, double[] stages, HeadOptions options, double[] w, SpectralBasis basis, bool factorsAtOnce,
        int passes, Prover prover, CancellationToken cancellation)
    {
        var threads = Workers.Count(options.Threads);
        using var hessian = new HeadHessian(work, loss, options.RegularizeIntercept, basis, threads) { FactorsAtOnce = factorsAtOnce };
        using var single = new HeadProblem<float>(work, loss, options.RegularizeIntercept, hessian, threads);
        using var twice = new HeadProblem<double>(exact, loss, options.RegularizeIntercept, hessian, threads);
        var gap = options.RelativeGap;
        var begun = Begin(work, loss, stages, options, w, basis, ref passes, cancellation);
        for (var stage = begun; stage < stages.Length; stage++)
        {
            hessian.C = stages[stage];
            if (stage > 0)
            {
                RayScale.Apply(work, loss, options.RegularizeIntercept, hessian.C, w, threads);
                passes++;
            }

            if (stage < stages.Length - 1)
            {
                passes += TruncatedNewton.Minimise(
                    single.Smooth, w, value => Tolerance(value, Math.Max(StageGap, gap)), options.MaxPasses - passes, cancellation).Passes;
                Collect(loss.Targets);
            }
        }

        for (var (level, isExact) = (0, false); ;)
        {
            hessian.Threshold = Thresholds[level];
            var (spent, reached) = TruncatedNewton.Minimise(
                isExact ? twice.Smooth : single.Smooth, w, value => Tolerance(value, gap), options.MaxPasses - passes, cancellation);
            passes += spent;
            var isLast = isExact && level == Thresholds.Length - 1;
            if (!reached && !isLast && passes < options.MaxPasses)
            {
                // Rounding first: a coarse Hessian still descends, a gradient that is noise does not.
                (isExact, level) = isExact ? (true, level + 1) : (true, level);
                continue;
            }

            hessian.Release();
            var certificate = prover.Prove(ref passes, null);
            if (certificate.Converged || passes >= options.MaxPasses || (isLast && !reached) || gap < options.RelativeGap * LeastShare)
            {
                return certificate;
            }

            gap /= 4;
        }
    }

    /// <summary>Solves all stages but two on a sample of the rows.</summary>
    /// <returns>How many stages are done with.</returns>
    private static int Begin(
        RowSlabs work, LossFunction loss, double[] stages, HeadOptions options, double[] w, SpectralBasis basis, ref int passes, CancellationToken cancellation)
    {
        if (stages.Length < 3 || RowSample.Of(work, loss.Targets.Classes) is not { } rows)
        {
            return 0;
        }

        var threads = Workers.Count(options.Threads);
        var codes = work.Codes.Select(rows).Held(threads);
        var slabs = new RowSlabs(codes, (0, codes.Rows));
        var sampled = LossFunction.Of(options.Loss, loss.Targets.Select(rows));
        using var hessian = new HeadHessian(slabs, sampled, options.RegularizeIntercept, basis.Select(rows), threads);
        using var problem = new HeadProblem<float>(slabs, sampled, options.RegularizeIntercept, hessian, threads);
        var spent = 0;
        for (var stage = 0; stage < stages.Length - 2; stage++)
        {
            hessian.C = stages[stage] / RowSample.Share;
            if (stage > 0)
            {
                RayScale.Apply(slabs, sampled, options.RegularizeIntercept, hessian.C, w, threads);
                spent++;
            }

            spent += TruncatedNewton.Minimise(
                problem.Smooth, w, value => Tolerance(value, StageGap), options.MaxPasses - passes, cancellation).Passes;
        }

        passes += (int)Math.Ceiling(spent * RowSample.Share);
        return stages.Length - 2;
    }

    private static Certificate Proximal(
        RowSlabs exact, RowSlabs work, Targets targets, double[] stages, HeadOptions options, double[] w, float[]? slopes, SpectralBasis basis,
        int passes, Prover prover, CancellationToken cancellation)
    {
        using var solver = new ProximalPoint(options.Loss, targets, exact, work, options.RegularizeIntercept, basis, Workers.Count(options.Threads));
        slopes?.CopyTo(solver.Multipliers, 0);
        var gap = options.RelativeGap;
        foreach (var c in stages[..^1])
        {
            passes += solver.Minimise(c, w, Math.Max(StageGap, gap), options.MaxPasses - passes, cancellation);
        }

        while (true)
        {
            passes += solver.Minimise(stages[^1], w, 0.8 * gap, options.MaxPasses - passes, cancellation);
            var certificate = prover.Prove(ref passes, solver.Multipliers);
            if (certificate.Converged || passes >= options.MaxPasses || gap < options.RelativeGap * LeastShare)
            {
                return certificate;
            }

            gap /= 4;
        }
    }

    /// <summary>
    /// Gives large arrays that are done with back to the system: proof and iterations hold N x K numbers each, and the
    /// collector, left to itself, lets both stand side by side.
    /// </summary>
    private static void Collect(Targets targets)
    {
        if ((long)targets.Rows * targets.Classes > CollectedNumbers)
        {
            GC.Collect(GC.MaxGeneration, GCCollectionMode.Aggressive, blocking: true, compacting: true);
        }
    }

    /// <summary>Proves what weights are worth.</summary>
    private sealed record Prover(
        RowSlabs Exact, LossFunction Loss, HeadOptions Options, double C, double[] W, Stopwatch Clock, CancellationToken Cancellation)
    {
        /// <summary>The certificate of the weights as they are; its own passes are counted.</summary>
        public Certificate Prove(ref int passes, float[]? multipliers)
        {
            Collect(Loss.Targets);
            var (objective, bound) = DualCertificate.Of<double>(
                Exact, Loss, Options.RegularizeIntercept, C, W, null, multipliers, Workers.Count(Options.Threads), Cancellation);
            Collect(Loss.Targets);
            passes += 2;
            var certificate = new Certificate(objective, bound, passes, Clock.Elapsed.TotalSeconds, false);
            return certificate with { Converged = certificate.RelativeGap <= Options.RelativeGap };
        }
    }
}
