using System.Diagnostics;

namespace OnnxTransfer.Engine;

/// <summary>What a network costs that is cut at a tap, or at several: on this machine, with one thread inside a run.</summary>
/// <param name="MillisecondsAlone">Milliseconds for an image that is run alone.</param>
/// <param name="MillisecondsInBatch">Milliseconds for an image of a batch of <see cref="BatchSize"/>.</param>
/// <param name="Bytes">The size of the cut model's file: backbone and pooling, without a head.</param>
public sealed record CutCost(double MillisecondsAlone, double MillisecondsInBatch, long Bytes)
{
    /// <summary>Images of the batch.</summary>
    public const int BatchSize = 8;

    private const int FewestRuns = 3;
    private const int MostRuns = 50;
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(0.25);

    /// <summary>Measures it.</summary>
    /// <param name="backbone">The network.</param>
    /// <param name="taps">Where it is cut, and the poolings.</param>
    /// <param name="cancellation">Looked at before every run.</param>
    /// <exception cref="OnnxTransferException"><see cref="FailureKind.Model"/>: ONNX Runtime cannot run it.</exception>
    public static CutCost Measure(Backbone backbone, JoinedTaps taps, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(backbone);
        ArgumentNullException.ThrowIfNull(taps);
        var alone = Milliseconds(backbone, taps, 1, out var bytes, cancellation);
        return new CutCost(alone, Milliseconds(backbone, taps, BatchSize, out _, cancellation), bytes);
    }

    /// <summary>The least of several runs, for an image: what others do on the machine only ever adds.</summary>
    private static double Milliseconds(Backbone backbone, JoinedTaps taps, int batch, out long bytes, CancellationToken cancellation)
    {
        using var network = CodeNetwork.Open(backbone.Taps, taps.Taps, batch, threads: 1, out bytes, backbone.Provider);
        using var lane = network.NewLane();

        // Not zeros, which some kernels finish early.
        for (var slot = 0; slot < batch; slot++)
        {
            var image = lane.Image(slot);
            for (var i = 0; i < image.Length; i++)
            {
                image[i] = ((i * 7919 % 511) - 255) / 128f;
            }
        }

        lane.Run();
        var (least, start) = (double.PositiveInfinity, Stopwatch.GetTimestamp());
        for (var run = 0; run < MostRuns && (run < FewestRuns || Stopwatch.GetElapsedTime(start) < Patience); run++)
        {
            cancellation.ThrowIfCancellationRequested();
            var begun = Stopwatch.GetTimestamp();
            lane.Run();
            least = Math.Min(least, Stopwatch.GetElapsedTime(begun).TotalMilliseconds / batch);
        }

        return least;
    }
}
