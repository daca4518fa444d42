using System.Diagnostics;
using System.Globalization;

namespace OnnxTransfer.Heads;

/// <summary>From codes and classes to a head in closed form: checks, normalisation, standardisation, class means, the head.</summary>
internal static class ClosedFormTraining
{
    // One for the mean code and one for the class means.
    private const int Passes = 2;

    /// <summary>Trains a head on class indices; the data are refused as <see cref="HeadTraining"/> refuses them.</summary>
    /// <exception cref="OnnxTransferException">
    /// <see cref="FailureKind.Usage"/>: a C, a penalty on intercepts or weights of samples, which these heads do not have.
    /// </exception>
    public static LinearHead Train(CodeView codes, int[] truth, IReadOnlyList<string> labels, HeadOptions options, CancellationToken cancellation)
    {
        options.Check();
        if (options.C is not null || options.RegularizeIntercept)
        {
            throw new OnnxTransferException(
                FailureKind.Usage, $"The head {options.Loss.ToText()} has no C and no penalty on its intercepts; leave them out.");
        }

        if (options.SampleWeights is not null)
        {
            throw new OnnxTransferException(
                FailureKind.Usage, $"The head {options.Loss.ToText()} counts every image once and takes no sample weights; leave them out or choose another head.");
        }

        HeadTraining.CheckData(codes, truth, labels);
        CheckMemory(codes, options);
        var clock = Stopwatch.StartNew();
        var threads = Workers.Count(options.Threads);
        var scaled = options.Normalize ? Normalization.Apply(codes, threads) : codes;
        var standardization = options.Standardize ? Standardization.Of(scaled, threads) : null;
        var used = scaled with { Standardization = standardization };
        var centre = Centre.Of(used);
        var means = new ClassMeans(used, centre, truth, labels.Count);
        var weights = options.Loss == HeadLoss.Lda
            ? DiscriminantAnalysis.Weights(means, threads, cancellation)
            : NearestClassMean.Weights(means);

        // As a softmax head's rows do, so that a score means the same in every fold of a calibration, and for two classes
        // one row is the mirror of the other.
        CommonPart.TakeOff(weights, labels.Count);
        Centre.FoldInto(centre, weights);
        standardization?.FoldInto(weights);
        if (!Array.TrueForAll(weights, double.IsFinite))
        {
            throw new OnnxTransferException(
                FailureKind.Mathematics, "The weights are not finite: the codes are too large or too small; standardise or scale them.");
        }

        var scatter = means.SquaresWithin.Sum();
        return new LinearHead(labels, weights, codes.Columns, options.Loss, 0, new Certificate(scatter, scatter, Passes, clock.Elapsed.TotalSeconds, true))
        {
            Normalized = options.Normalize,
            Standardized = options.Standardize,
        };
    }

    private static void CheckMemory(CodeView codes, HeadOptions options)
    {
        double numbers = (double)codes.Rows * codes.Columns, side = Math.Min(codes.Rows, codes.Columns);
        var bytes = options.Loss == HeadLoss.Lda ? sizeof(double) * (numbers + (side * side)) : 0;
        if (bytes > MemoryNeed.Available())
        {
            throw new OnnxTransferException(
                FailureKind.Machine,
                string.Create(
                    CultureInfo.InvariantCulture,
                    $"The head {options.Loss.ToText()} takes about {bytes / 1e9:F1} GB of memory beside the codes, more than is left; train on fewer codes, or another head."));
        }
    }
}
