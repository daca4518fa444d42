using System.Globalization;

namespace OnnxTransfer.Heads;

/// <summary>The memory that a training takes beyond its codes, held against what the process may have before it begins.</summary>
internal static class MemoryNeed
{
    // Steps, gradients and directions of Newton's method and of conjugate gradients, and the result.
    private const int Vectors = 12;

    /// <summary>Bytes at most at one time, for N codes of D numbers and K classes.</summary>
    public static double Bytes(CodeView codes, int classes, HeadOptions options, int threads)
    {
        double rows = codes.Rows, numbers = rows * codes.Columns, scores = rows * classes;
        var weights = (codes.Columns + 1.0) * classes;
        double Sums(int bytes) => weights * bytes * RowSlabs.MostInBatch((long)Math.Min(long.MaxValue / 2, weights * bytes), threads);
        var working = weights * Vectors * sizeof(double);
        var isPlain = codes.IsPlain && options is { Normalize: false, Standardize: false, RegularizeIntercept: true };
        var numbersOfCopy = codes.Matrix.IsMapped ? 0 : numbers;
        var factorsOfRows = options.Normalize ? rows * sizeof(double) : 0;
        var copy = isPlain ? 0 : (numbersOfCopy * sizeof(float)) + factorsOfRows;

        // Iterations hold curvatures and the pairs that bend; a proof holds scores, and curvatures where they are kept. The
        // former are let go of before the latter, but for a loss that is not smooth, which has dual variables too.
        var iterations = (scores * sizeof(float)) + (Math.Min(ActivePairs.MostShare * scores, ActivePairs.Most) * ActivePairs.BytesOfPair);

        // The path orders a copy by fold. Every fold keeps its sums and weights; curvatures and pairs, or scores for the best
        // intercepts, are those of the folds that run at a time. The path keeps weights of every C.
        var folds = options.Selection.Folds;
        var kept = weights * sizeof(double) * (options.Selection.Cs?.Count ?? CGrid.Length);
        var isSmooth = options.Loss is not (HeadLoss.Hinge or HeadLoss.CrammerSinger);
        var hasDual = DualCoordinates.CanSolve(options.Loss, codes.Rows, classes);
        var bytesOfDual = hasDual ? sizeof(double) + sizeof(bool) + sizeof(float) : options.Loss == HeadLoss.CrammerSinger ? 2 * sizeof(double) : 0;
        var groups = hasDual ? Math.Max(Math.Ceiling((double)classes / DualGroup.MostClasses), Math.Min(classes, threads)) : 0;
        var duals = (scores * bytesOfDual) + (rows * 3 * sizeof(int) * groups);
        var fold = (isSmooth ? 0 : duals) + Sums(sizeof(float)) + working;
        var proof = scores * (sizeof(double) + (scores <= BestIntercepts.MostKept ? sizeof(float) : 0));
        var running = isSmooth && !options.RegularizeIntercept ? Math.Max(iterations, (scores * sizeof(float)) + proof) : iterations;
        var path = options.C is null
            ? (numbersOfCopy * sizeof(float)) + (running * Math.Min(threads, folds)) + (folds * fold) + kept
            : 0;
        var solve = duals + (isSmooth ? Math.Max(iterations, proof) : iterations + proof + (scores * sizeof(float)))
            + (3 * Sums(sizeof(float))) + (2 * Sums(sizeof(double))) + working;
        var factors = hasDual ? 2.0 * HeadPreconditioner.MostNumbers * sizeof(double) : 0;
        return copy + Math.Max(path, solve) + Math.Min(factors, 2 * sizeof(double) * scores * codes.Columns);
    }

    /// <summary>Refuses what cannot fit.</summary>
    /// <exception cref="OnnxTransferException"><see cref="FailureKind.Machine"/>: more is needed than there is.</exception>
    public static void Check(double bytes, double available)
    {
        if (bytes > available)
        {
            throw TooLarge(bytes, available, null);
        }
    }

    /// <summary>What the process may still have, in bytes: the machine's memory or the container's limit, less what is in use.</summary>
    public static double Available() => GC.GetGCMemoryInfo().TotalAvailableMemoryBytes - (double)GC.GetTotalMemory(forceFullCollection: false);

    /// <summary>The sentence for a training that does not fit.</summary>
    public static OnnxTransferException TooLarge(double bytes, double available, Exception? reason)
    {
        string Gigabytes(double value) => (Math.Max(0, value) / 1e9).ToString("F1", CultureInfo.InvariantCulture);
        return new OnnxTransferException(
            FailureKind.Machine,
            $"Training takes about {Gigabytes(bytes)} GB of memory beside the codes, and {Gigabytes(available)} GB are left; train on fewer "
            + "codes or classes, give C instead of having it chosen, or use a machine with more memory.",
            reason);
    }
}
