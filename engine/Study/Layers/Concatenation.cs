using OnnxTransfer.Engine;
using OnnxTransfer.Heads;

namespace OnnxTransfer.Study;

/// <summary>
/// The codes of the best layer with those of another behind them, and whether a head on both is better than on the best alone. It is
/// told, with the fit that takes both, and never recommended: what it costs and gains is weighed by who reads it.
/// </summary>
/// <param name="Best">The best layer, whose head has the same loss.</param>
/// <param name="Other">The layer that it is joined with.</param>
/// <param name="C">The head's C, by cross-validation of <see cref="Cs"/>.</param>
/// <param name="CrossValidated">The cross-validated accuracy at that C, on the folds of all layers.</param>
/// <param name="PValue">Of the difference from the best layer (<see cref="PairedTest"/>).</param>
/// <param name="AdjustedPValue">The same for all that were tried together (<see cref="PairedTest.Holm"/>).</param>
public sealed record Concatenation(LayerScore Best, LayerScore Other, double C, CCandidate CrossValidated, double PValue, double AdjustedPValue)
{
    /// <summary>Whether it is more accurate by more than chance: <see cref="AdjustedPValue"/> below <see cref="Recommendation.Level"/>.</summary>
    public bool Pays => CrossValidated.Accuracy > Best.CrossValidated.Accuracy && AdjustedPValue < Recommendation.Level;

    /// <summary>"layer4|avg + layer3|max, svm": how sentences call it.</summary>
    public string Name => $"{Taps.Key}, {Best.Loss.ToText()}";

    /// <summary>Both layers.</summary>
    public JoinedTaps Taps => new(Best.Tap, Other.Tap);

    /// <summary>Of those that pay the most accurate; null where none does.</summary>
    public static Concatenation? Better(IReadOnlyList<Concatenation> tried)
    {
        ArgumentNullException.ThrowIfNull(tried);
        return tried.Where(static pair => pair.Pays).MaxBy(static pair => pair.CrossValidated.Accuracy);
    }

    /// <summary>What came of those that were tried within a budget, in a sentence.</summary>
    public static string Sentence(IReadOnlyList<Concatenation> tried, Budget budget)
    {
        ArgumentNullException.ThrowIfNull(tried);
        ArgumentNullException.ThrowIfNull(budget);
        return (tried.Count, Better(tried)) switch
        {
            (0, _) => $"There is no other layer to join the best with{(budget.Limits ? " within the budget" : string.Empty)}.",
            (1, null) => "Joining the best layer with another does not pay: the one tried is not significantly better.",
            (_, null) => $"Joining the best layer with another does not pay: none of the {tried.Count} tried is significantly better.",
            (_, { } better) => $"Joined: {better.Name} has {Wording.Percent(better.CrossValidated.Accuracy)} ({Wording.Percents(better.CrossValidated.Interval)}), significantly better than the best layer ({Wording.P(better.AdjustedPValue)} for {tried.Count} tried).",
        };
    }

    /// <summary>Whom the best is joined with: of the layers of every resolution the best, with its pooling, but for the best's own tensor.</summary>
    internal static IReadOnlyList<LayerScore> Partners(IReadOnlyList<LayerScore> scores, LayerScore best) =>
    [
        .. scores.Where(score => score.Loss == best.Loss && score.Tap.Point.Name != best.Tap.Point.Name)
            .GroupBy(static score => score.Tap.Point.Stride)
            .Select(static group => group.MaxBy(static score => score.CrossValidated.Accuracy)!),
    ];

    /// <summary>
    /// The C that are tried: the best layer's, and those down to a tenth of it in half decades, or those of <paramref name="given"/> in
    /// that range. Codes of D + E standardised numbers ask for D / (D + E) of the C that codes of D do.
    /// </summary>
    internal static double[] Cs(double c, IReadOnlyList<double>? given) =>
        given is null ? [c / 10, c / Math.Sqrt(10), c] : [.. given.Where(other => other <= c && other >= c / 10)];

    /// <summary>Trains a head on each pair that <paramref name="fits"/>.</summary>
    internal static IReadOnlyList<Concatenation> Try(
        IReadOnlyList<LayerScore> scores, LayerScore best, Func<JoinedTaps, bool> fits, TrainTestCodes codes, HeadOptions options, IProgress<StudyProgress>? progress, CancellationToken cancellation)
    {
        LayerScore[] partners = [.. Partners(scores, best).Where(other => fits(new JoinedTaps(best.Tap, other.Tap)))];
        if (partners.Length == 0)
        {
            return [];
        }

        var done = 0;
        progress?.Report(new StudyProgress("Joining layers", 0, partners.Length));
        var pairs = Array.ConvertAll(partners, other => new JoinedTaps(best.Tap, other.Tap));
        var near = options with { Loss = best.Loss, Selection = options.Selection with { Cs = Cs(best.C, options.Selection.Cs) } };
        var tried = SideBySide.Train([.. pairs.Select(static pair => pair.Width)], codes.Train.Count, codes.Split.Train.Classes.Count, near, (i, shared) =>
        {
            var (joined, labels) = codes.Read(pairs[i], codes.Train);
            var head = LinearHead.Train(joined, labels, shared, cancellation);
            var (candidate, heldOut) = LayerTrial.Judge(head, joined, labels, shared, cancellation);
            progress?.Report(new StudyProgress("Joining layers", Interlocked.Increment(ref done), partners.Length));
            return new Concatenation(best, partners[i], head.C, candidate, PairedTest.PValue(heldOut, best.HeldOut), 1);
        });

        var adjusted = PairedTest.Holm([.. tried.Select(static pair => pair.PValue)]);
        return [.. tried.Select((pair, i) => pair with { AdjustedPValue = adjusted[i] })];
    }
}
