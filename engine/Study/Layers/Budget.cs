using System.Globalization;
using OnnxTransfer.Engine;

namespace OnnxTransfer.Study;

/// <summary>What a layer may cost; null: anything.</summary>
/// <param name="Milliseconds">For an image that is run alone.</param>
/// <param name="Megabytes">Of backbone and head, in 10^6 bytes.</param>
public sealed record Budget(double? Milliseconds, double? Megabytes)
{
    /// <summary>Whether it limits anything.</summary>
    public bool Limits => Milliseconds is not null || Megabytes is not null;

    /// <summary>Whether a layer costs no more.</summary>
    public bool Allows(LayerScore score)
    {
        ArgumentNullException.ThrowIfNull(score);
        return Allows(score.Cost, score.HeadBytes);
    }

    /// <summary>Whether a cut network with a head costs no more.</summary>
    public bool Allows(CutCost cost, long headBytes)
    {
        ArgumentNullException.ThrowIfNull(cost);
        return !(cost.MillisecondsAlone > Milliseconds) && !(cost.Bytes + headBytes > Megabytes * 1e6);
    }

    /// <summary>"20 ms, 0.5 MB", or "none".</summary>
    public string ToText()
    {
        static string Plain(double value) => value.ToString("G6", CultureInfo.InvariantCulture);
        string?[] limits = [Milliseconds is { } milliseconds ? $"{Plain(milliseconds)} ms" : null, Megabytes is { } megabytes ? $"{Plain(megabytes)} MB" : null];
        return Limits ? string.Join(", ", limits.OfType<string>()) : "none";
    }

    /// <summary>Refuses costs of which none is within it.</summary>
    /// <param name="costs">Cut networks with the bytes of their heads, at least one.</param>
    /// <exception cref="OnnxTransferException"><see cref="FailureKind.Usage"/>: none is; what the fastest and the smallest cost is told.</exception>
    internal void RequireAny(IReadOnlyCollection<(CutCost Cost, long HeadBytes)> costs)
    {
        if (!costs.Any(of => Allows(of.Cost, of.HeadBytes)))
        {
            throw new OnnxTransferException(
                FailureKind.Usage,
                $"No layer is within the budget ({ToText()}): the fastest takes {ShortNumber.Enough(costs.Min(static of => of.Cost.MillisecondsAlone))} ms an image on this machine "
                + $"and the smallest {ShortNumber.Enough(costs.Min(static of => of.Cost.Bytes + of.HeadBytes) / 1e6)} MB; allow more, or tap earlier layers with --taps.");
        }
    }
}
