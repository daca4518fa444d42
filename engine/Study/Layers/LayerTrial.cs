using OnnxTransfer.Engine;
using OnnxTransfer.Heads;

namespace OnnxTransfer.Study;

/// <summary>A head on a layer, judged by cross-validation on the images to learn from.</summary>
public record LayerTrial
{
    /// <summary>The layer and how its positions are pooled.</summary>
    public required Tap Tap { get; init; }

    /// <summary>The head's loss.</summary>
    public required HeadLoss Loss { get; init; }

    /// <summary>The head's C; 0 for a head in closed form.</summary>
    public required double C { get; init; }

    /// <summary>
    /// The cross-validated accuracy at that C on the images to learn from, and its interval (Wilson, 95 %). Where C was chosen, it
    /// is the best of all C on the same folds, and as such leans upwards a little, for every layer alike.
    /// </summary>
    public required CCandidate CrossValidated { get; init; }

    /// <summary>Whether each image to learn from was right while it was held out; null where it never was.</summary>
    public required IReadOnlyList<bool?> HeldOut { get; init; }

    /// <summary>Whether the head is proved to be near its optimum.</summary>
    public required bool Converged { get; init; }

    /// <summary>The cross-validated accuracy of a head, and whether each code was right while it was held out.</summary>
    internal static (CCandidate CrossValidated, IReadOnlyList<bool?> HeldOut) Judge(
        LinearHead head, CodeMatrix codes, IReadOnlyList<string> labels, HeadOptions options, CancellationToken cancellation)
    {
        var predictions = head.HeldOutPredictions(codes, labels, options, cancellation);
        bool?[] heldOut = [.. predictions.Select((k, i) => k < 0 ? (bool?)null : head.Labels[k] == labels[i])];
        return (head.Selection?.Candidates.First(candidate => candidate.C == head.C) ?? OfCounts(head.C, heldOut), heldOut);
    }

    private static CCandidate OfCounts(double c, bool?[] heldOut)
    {
        var (right, judged) = (heldOut.Count(static one => one is true), heldOut.Count(static one => one is not null));
        return new CCandidate(c, (double)right / judged, Interval.Wilson(right, judged));
    }
}
