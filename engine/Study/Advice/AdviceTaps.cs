using OnnxTransfer.Engine;

namespace OnnxTransfer.Study;

/// <summary>The layers that advice is read off, all average-pooled: a few, spread along the network.</summary>
internal static class AdviceTaps
{
    /// <summary>Layers at most.</summary>
    public const int Most = 12;

    private const string Penultimate = "penultimate";

    /// <summary>
    /// The network's ends (<see cref="TapCatalog.Ends"/>), of those that cost the same the penultimate or the first, as a pooling
    /// repeats what it pools; where these are more than <see cref="Most"/>, as many evenly, the last among them.
    /// </summary>
    public static IReadOnlyList<Tap> Of(Backbone backbone)
    {
        TapPoint[] ends = [.. backbone.Taps.Ends.GroupBy(static point => point.CostPercent).Select(static group => group.FirstOrDefault(IsTop) ?? group.First())];
        var kept = Math.Min(Most, ends.Length);
        return [.. Enumerable.Range(1, kept).Select(i => new Tap(ends[(i * ends.Length / kept) - 1], Pooling.Average))];
    }

    /// <summary>What the classifier reads, or the last layer.</summary>
    public static Tap Top(IReadOnlyList<Tap> taps) => taps.FirstOrDefault(static tap => IsTop(tap.Point)) ?? taps[^1];

    private static bool IsTop(TapPoint point) => point.Aliases.Contains(Penultimate);
}
