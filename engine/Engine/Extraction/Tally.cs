using System.Diagnostics;
using OnnxTransfer.Datasets;

namespace OnnxTransfer.Engine;

/// <summary>Counts what workers have done, tells the caller now and then, and stops when too many images are bad.</summary>
internal sealed class Tally(LabelledImages images, double maxBadShare, IProgress<ExtractionProgress>? progress)
{
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(50);

    private readonly Lock gate = new();
    private long lastReport;
    private int done;
    private int reused;
    private int bad;

    /// <summary>Counts an image whose code is there.</summary>
    public void Count(bool wasReused)
    {
        Interlocked.Increment(ref done);
        if (wasReused)
        {
            Interlocked.Increment(ref reused);
        }

        Report();
    }

    /// <summary>Counts an image that is left out.</summary>
    /// <exception cref="OnnxTransferException"><see cref="FailureKind.Data"/>: whatever comes, the share of bad images will be too large.</exception>
    public void CountBad(string reason)
    {
        Interlocked.Increment(ref done);
        var count = Interlocked.Increment(ref bad);
        if (count > maxBadShare * images.Count)
        {
            throw TooManyBad(images, count, maxBadShare, reason);
        }

        Report();
    }

    /// <summary>The sentence for a set of which too many images cannot be used.</summary>
    public static OnnxTransferException TooManyBad(LabelledImages images, int count, double maxBadShare, string reason) => new(
        FailureKind.Data,
        $"At least {count:N0} of the {images.Count:N0} images of {images.Source} cannot be used, more than the {maxBadShare:P0} allowed; "
        + $"mend or remove them, or allow a larger share (--max-bad); one of them: {reason}");

    /// <summary>Tells the caller the final figures.</summary>
    public void ReportEnd() => progress?.Report(Now);

    private ExtractionProgress Now => new(Volatile.Read(ref done), images.Count, Volatile.Read(ref reused), Volatile.Read(ref bad));

    private void Report()
    {
        if (progress is null || !gate.TryEnter())
        {
            return;
        }

        try
        {
            if (lastReport == 0 || Stopwatch.GetElapsedTime(lastReport) > Pause)
            {
                progress.Report(Now);
                lastReport = Stopwatch.GetTimestamp();
            }
        }
        finally
        {
            gate.Exit();
        }
    }
}
