using System.Globalization;

namespace OnnxTransfer.Study;

/// <summary>
/// The stated rule: of the layers within the budget, the cheapest one that is not significantly worse than the best of them.
/// Worse is a lower cross-validated accuracy with a p-value (<see cref="PairedTest"/>) below 0.05; cheap is a small share of the
/// network's multiply-accumulates, then a short code, then the better of the two.
/// </summary>
/// <param name="Score">The layer.</param>
/// <param name="Best">The best layer within the budget.</param>
/// <param name="PValue">Of the two; 1 where they are the same.</param>
public sealed record Recommendation(LayerScore Score, LayerScore Best, double PValue)
{
    /// <summary>The level of the test.</summary>
    public const double Level = 0.05;

    /// <summary>Applies the rule.</summary>
    /// <exception cref="OnnxTransferException"><see cref="FailureKind.Usage"/>: no layer is within the budget.</exception>
    public static Recommendation Of(IReadOnlyList<LayerScore> scores, Budget budget)
    {
        ArgumentNullException.ThrowIfNull(budget);
        LayerScore[] allowed = [.. scores.Where(budget.Allows)];
        if (allowed.Length == 0)
        {
            throw new OnnxTransferException(
                FailureKind.Usage,
                string.Create(
                    CultureInfo.InvariantCulture,
                    $"No layer is within the budget: the fastest takes {scores.Min(static score => score.Cost.MillisecondsAlone):F1} ms an image on this machine and the smallest {scores.Min(static score => score.Bytes) / 1e6:F1} MB; allow more, or tap earlier layers with --taps."));
        }

        var best = allowed.OrderByDescending(static score => score.CrossValidated.Accuracy).ThenBy(Cheapness).First();
        var chosen = allowed.Where(score => PValueOf(score, best) >= Level).OrderBy(Cheapness).ThenByDescending(static score => score.CrossValidated.Accuracy).First();
        return new Recommendation(chosen, best, PValueOf(chosen, best));
    }

    /// <summary>The p-value of a layer beside the best; 1 for layers of the same accuracy or a higher one.</summary>
    public static double PValueOf(LayerScore score, LayerScore best)
    {
        ArgumentNullException.ThrowIfNull(score);
        ArgumentNullException.ThrowIfNull(best);
        return score.CrossValidated.Accuracy >= best.CrossValidated.Accuracy ? 1 : PairedTest.PValue(score.HeldOut, best.HeldOut);
    }

    private static (double Cost, int Width) Cheapness(LayerScore score) => (score.Tap.Point.CostPercent, score.Tap.Width);
}
