using OnnxTransfer.Engine;
using OnnxTransfer.Heads;

namespace OnnxTransfer.Study;

/// <summary>How well guesses without training rank the layers of a study, beside the cross-validated accuracy.</summary>
/// <param name="Layers">
/// The layers with their poolings that were ranked, each by the better of its heads: those whose spectrum is not too large
/// (<see cref="ClassSpectrum.MostSide"/>).
/// </param>
/// <param name="LogMe"><see cref="RankCorrelation.TauB"/> of <see cref="Study.LogMe"/> and accuracy; null where it has no value.</param>
/// <param name="HScore">The same of <see cref="Study.HScore"/>.</param>
public sealed record AccuracyGuesses(int Layers, double? LogMe, double? HScore)
{
    /// <summary>What can be told without training a head.</summary>
    public string Sentence
    {
        get
        {
            if (LogMe is null && HScore is null)
            {
                return $"Without training, no order of layers can be compared with that by the cross-validated accuracy: {(Layers < 2 ? "fewer than two are guessed" : "all are equal")}.";
            }

            static string Tau(double? value) => value is { } tau ? "tau " + Wording.Number(tau, 2) : "no order";
            return $"Without training, LogME ranks {Layers} layers and poolings like the cross-validated accuracy with {Tau(LogMe)}, the H-score with {Tau(HScore)} (1: the same order, 0: unrelated).";
        }
    }

    /// <summary>Compares the guesses in scores with the accuracies in them.</summary>
    public static AccuracyGuesses Of(IReadOnlyList<LayerScore> scores)
    {
        LayerScore[] layers = [.. scores.Where(static score => score.LogMe is not null).GroupBy(static score => score.Tap.Key).Select(
            static group => group.MaxBy(static score => score.CrossValidated.Accuracy)!)];
        double[] accuracies = Array.ConvertAll(layers, static score => score.CrossValidated.Accuracy);
        return new AccuracyGuesses(
            layers.Length,
            RankCorrelation.TauB(Array.ConvertAll(layers, static score => score.LogMe!.Value), accuracies),
            RankCorrelation.TauB(Array.ConvertAll(layers, static score => score.HScore!.Value), accuracies));
    }

    /// <summary>The scores with their guesses, on the codes of the images to learn from.</summary>
    internal static List<LayerScore> AddTo(IReadOnlyList<LayerScore> scores, TrainTestCodes codes, int threads, CancellationToken cancellation)
    {
        var guesses = new Dictionary<string, (double LogMe, double HScore)?>(StringComparer.Ordinal);
        foreach (var tap in scores.Select(static score => score.Tap).DistinctBy(static tap => tap.Key))
        {
            cancellation.ThrowIfCancellationRequested();
            guesses[tap.Key] = Of(codes, tap, threads, cancellation);
        }

        return [.. scores.Select(score => score with { LogMe = guesses[score.Tap.Key]?.LogMe, HScore = guesses[score.Tap.Key]?.HScore })];
    }

    private static (double LogMe, double HScore)? Of(TrainTestCodes codes, Tap tap, int threads, CancellationToken cancellation)
    {
        if (Math.Min(codes.Train.Count, tap.Width) > ClassSpectrum.MostSide)
        {
            return null;
        }

        var (matrix, labels) = codes.Read(codes.Codes.Column(tap), codes.Train);
        var classes = labels.Distinct(StringComparer.Ordinal).Select(static (label, k) => (label, k)).ToDictionary(static of => of.label, static of => of.k, StringComparer.Ordinal);
        var spectrum = ClassSpectrum.Of(matrix, Array.ConvertAll(labels, label => classes[label]), classes.Count, threads, cancellation);
        return (Study.LogMe.Of(spectrum), Study.HScore.Of(spectrum, matrix));
    }
}
