using OnnxTransfer.Engine;
using OnnxTransfer.Heads;

namespace OnnxTransfer.Study;

/// <summary>How good a head on one layer is, and what it costs.</summary>
public sealed record LayerScore
{
    /// <summary>The layer and how its positions are pooled.</summary>
    public required Tap Tap { get; init; }

    /// <summary>The head's loss.</summary>
    public required HeadLoss Loss { get; init; }

    /// <summary>The head's C, by cross-validation.</summary>
    public required double C { get; init; }

    /// <summary>
    /// The cross-validated accuracy at that C on the images to learn from, and its interval (Wilson, 95 %). It is the best of
    /// all C on the same folds, and as such leans upwards a little, for every layer alike.
    /// </summary>
    public required CCandidate CrossValidated { get; init; }

    /// <summary>Whether each image to learn from was right while it was held out; null where it never was.</summary>
    public required IReadOnlyList<bool?> HeldOut { get; init; }

    /// <summary>What <see cref="Study.LogMe"/> guesses on the images to learn from; null where it takes too long.</summary>
    public double? LogMe { get; init; }

    /// <summary>What <see cref="Study.HScore"/> guesses on them; null where it takes too long.</summary>
    public double? HScore { get; init; }

    /// <summary>On the test part; null where the set has none.</summary>
    public required Evaluation? Test { get; init; }

    /// <summary>Whether the head is proved to be near its optimum.</summary>
    public required bool Converged { get; init; }

    /// <summary>The size of the head: float32, K x (D + 1).</summary>
    public required long HeadBytes { get; init; }

    /// <summary>Milliseconds and bytes of the network up to the layer.</summary>
    public required CutCost Cost { get; init; }

    /// <summary>The bytes of backbone and head.</summary>
    public long Bytes => Cost.Bytes + HeadBytes;

    /// <summary>"layer3|avg, svm": how sentences call it.</summary>
    public string Name => $"{Tap.Key}, {Loss.ToText()}";

    /// <summary>What cross-validation says of a head at its C, and whether it was right about every image that was held out.</summary>
    internal static (CCandidate CrossValidated, IReadOnlyList<bool?> HeldOut) CrossValidationOf(LinearHead head, IReadOnlyList<string> labels)
    {
        var selection = head.Selection!;
        var index = head.Labels.Select(static (label, k) => (label, k)).ToDictionary(static of => of.label, static of => of.k, StringComparer.Ordinal);
        return (
            selection.Candidates.First(candidate => candidate.C == head.C),
            [.. selection.HeldOutPredictions.Select((k, i) => k < 0 ? (bool?)null : k == index[labels[i]])]);
    }
}
