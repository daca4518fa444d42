namespace OnnxTransfer.Study;

/// <summary>
/// The stated rule. Good are the layers within the budget that are not significantly worse than the best of them: worse is a lower
/// cross-validated accuracy with a p-value (<see cref="PairedTest"/>) below 0.05. Of the good ones the costliest is the measure, and
/// the cheapest is taken that loses at most <see cref="Margin"/> to it, the standard error of the difference included. Cheap is a
/// small share of the network's multiply-accumulates, then a short code, then the better accuracy.
/// </summary>
/// <remarks>
/// With few photos next to nothing is significant, and the highest of several accuracies is luck; a cheaper layer must therefore be
/// shown to be as good, and where nothing can be shown the deepest layer is taken, which for pretrained networks is the safest.
/// </remarks>
/// <param name="Score">The layer.</param>
/// <param name="Best">The best layer within the budget.</param>
/// <param name="PValue">Of the two; 1 where they are the same.</param>
public sealed record Recommendation(LayerScore Score, LayerScore Best, double PValue)
{
    /// <summary>The level of the test.</summary>
    public const double Level = 0.05;

    /// <summary>What a cheaper layer may lose, standard error included: a point of accuracy.</summary>
    public const double Margin = 0.01;

    /// <summary>Applies the rule to the layers within the budget.</summary>
    /// <exception cref="OnnxTransferException"><see cref="FailureKind.Usage"/>: no layer is within the budget.</exception>
    public static Recommendation Of(IReadOnlyList<LayerScore> scores, Budget budget)
    {
        ArgumentNullException.ThrowIfNull(budget);
        budget.RequireAny([.. scores.Select(static score => (score.Cost, score.HeadBytes))]);
        var (chosen, best, pValue) = Choose<LayerScore>([.. scores.Where(budget.Allows)]);
        return new Recommendation(chosen, best, pValue);
    }

    /// <summary>Applies the rule to at least one layer, whatever it costs.</summary>
    public static LayerChoice<T> Choose<T>(IReadOnlyList<T> layers)
        where T : LayerTrial
    {
        ArgumentNullException.ThrowIfNull(layers);
        var best = layers.OrderByDescending(static layer => layer.CrossValidated.Accuracy).ThenBy(Cheapness).First();
        T[] good = [.. layers.Where(layer => PValueOf(layer, best) >= Level).OrderBy(Cheapness).ThenByDescending(static layer => layer.CrossValidated.Accuracy)];
        var deepest = good.Where(layer => Cheapness(layer) == Cheapness(good[^1])).First();
        var chosen = good.First(layer => layer == deepest || LosesLittle(layer, deepest));
        return new LayerChoice<T>(chosen, best, PValueOf(chosen, best));
    }

    /// <summary>
    /// A cheaper layer that is as accurate as the chosen one by the figures, and not shown to be: the cheapest; null where there is none.
    /// </summary>
    public static T? Unproved<T>(IReadOnlyList<T> layers, T chosen)
        where T : LayerTrial
    {
        ArgumentNullException.ThrowIfNull(layers);
        ArgumentNullException.ThrowIfNull(chosen);
        return layers.Where(layer => layer.CrossValidated.Accuracy >= chosen.CrossValidated.Accuracy && Cheapness(layer).CompareTo(Cheapness(chosen)) < 0).MinBy(Cheapness);
    }

    /// <summary>The p-value of a layer beside the best; 1 for layers of the same accuracy.</summary>
    public static double PValueOf(LayerTrial layer, LayerTrial best)
    {
        ArgumentNullException.ThrowIfNull(layer);
        ArgumentNullException.ThrowIfNull(best);
        return layer.CrossValidated.Accuracy == best.CrossValidated.Accuracy ? 1 : PairedTest.PValue(layer.HeldOut, best.HeldOut);
    }

    private static bool LosesLittle(LayerTrial layer, LayerTrial deepest)
    {
        var (loss, standardError) = PairedTest.Loss(layer.HeldOut, deepest.HeldOut);
        return loss + standardError <= Margin;
    }

    private static (double Cost, int Width) Cheapness(LayerTrial layer) => (layer.Tap.Point.CostPercent, layer.Tap.Width);
}
