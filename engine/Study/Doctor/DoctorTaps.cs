using OnnxTransfer.Engine;

namespace OnnxTransfer.Study;

/// <summary>The layers that labels are judged by: what several say of a label is more than what the last one says.</summary>
internal static class DoctorTaps
{
    private const int Last = 4;

    /// <summary>
    /// The layer that is named; else the last four of the network's ends (<see cref="TapCatalog.Ends"/>), in the order of the network, of
    /// those that cost the same the penultimate or the first, as a pooling repeats what it pools.
    /// </summary>
    /// <exception cref="OnnxTransferException">Model: no such tap. Usage: four layers whose maps are not pooled.</exception>
    public static IReadOnlyList<Tap> Of(Backbone backbone, DoctorOptions options)
    {
        if (options.Tap is { } name)
        {
            return [backbone.Tap(name, options.Pooling)];
        }

        if (options.Pooling == Pooling.Flatten)
        {
            throw new OnnxTransferException(FailureKind.Usage, "The maps of several layers are too long to be compared as they are; name one layer with --tap, or another pooling.");
        }

        return [.. backbone.Taps.Ends
            .GroupBy(static point => point.CostPercent)
            .Select(static group => group.FirstOrDefault(static point => point.Aliases.Contains("penultimate")) ?? group.First())
            .TakeLast(Last)
            .Select(point => new Tap(point, point.Stride is null ? Pooling.Average : options.Pooling))];
    }
}
