namespace OnnxTransfer.Study;

/// <summary>
/// The stated rule: the cheapest layer within the budget that is not significantly worse than the best of them. That is one whose
/// cross-validated accuracy is not lower with a p-value (<see cref="PairedTest"/>) below <see cref="Level"/>, where there are images
/// enough for that to mean something: its loss and the standard error of it are together at most <see cref="Margin"/>. Cheap is a
/// small share of the network's multiply-accumulates, then a short code, then the better accuracy.
/// </summary>
/// <remarks>
/// With few photos next to nothing is significant, and a layer of which nothing is known would be taken because it is cheap. From some
/// forty photos a class on the margin seldom makes a difference.
/// </remarks>
public static class Recommendation
{
    /// <summary>The level of the test.</summary>
    public const double Level = 0.05;

    /// <summary>The loss of accuracy that the images must rule out, within a standard error: five points.</summary>
    public const double Margin = 0.05;

    /// <summary>Applies the rule to the layers within the budget.</summary>
    /// <exception cref="OnnxTransferException"><see cref="FailureKind.Usage"/>: no layer is within the budget.</exception>
    public static LayerChoice<LayerScore> Of(IReadOnlyList<LayerScore> scores, Budget budget)
    {
        ArgumentNullException.ThrowIfNull(budget);
        budget.RequireAny([.. scores.Select(static score => (score.Cost, score.HeadBytes))]);
        return Choose<LayerScore>([.. scores.Where(budget.Allows)]);
    }

    /// <summary>Applies the rule to at least one layer, whatever it costs.</summary>
    public static LayerChoice<T> Choose<T>(IReadOnlyList<T> layers)
        where T : LayerTrial
    {
        ArgumentNullException.ThrowIfNull(layers);
        T[] cheapFirst = [.. layers.OrderBy(Cheapness).ThenByDescending(static layer => layer.CrossValidated.Accuracy)];
        var best = cheapFirst.MaxBy(static layer => layer.CrossValidated.Accuracy)!;
        T[] good = [.. cheapFirst.Where(layer => PValueOf(layer, best) >= Level)];
        var chosen = good.First(layer => layer == best || LosesLittle(layer, best));
        return new LayerChoice<T>(chosen, best, PValueOf(chosen, best), good[0] == chosen ? null : good[0]);
    }

    /// <summary>The p-value of a layer beside the best; 1 for layers of the same accuracy.</summary>
    public static double PValueOf(LayerTrial layer, LayerTrial best)
    {
        ArgumentNullException.ThrowIfNull(layer);
        ArgumentNullException.ThrowIfNull(best);
        return layer.CrossValidated.Accuracy == best.CrossValidated.Accuracy ? 1 : PairedTest.PValue(layer.HeldOut, best.HeldOut);
    }

    private static bool LosesLittle(LayerTrial layer, LayerTrial best)
    {
        var (loss, standardError) = PairedTest.Loss(layer.HeldOut, best.HeldOut);
        return loss + standardError <= Margin;
    }

    private static (double Cost, int Width) Cheapness(LayerTrial layer) => (layer.Tap.Point.CostPercent, layer.Tap.Width);
}
