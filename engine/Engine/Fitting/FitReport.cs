using OnnxTransfer.Heads;

namespace OnnxTransfer.Engine;

/// <summary>What <see cref="Fit"/> did and how good the result is.</summary>
public sealed record FitReport
{
    /// <summary>Where the codes were read.</summary>
    public required JoinedTaps Taps { get; init; }

    /// <summary>The proof of the cut; null where every code was in the store already.</summary>
    public required CutProof? Proof { get; init; }

    /// <summary>The head, with its C and its certificate.</summary>
    public required LinearHead Head { get; init; }

    /// <summary>Predictions on the test part, which nothing before has looked at.</summary>
    public required Evaluation Test { get; init; }

    /// <summary>Images the head was trained on.</summary>
    public required int TrainImages { get; init; }

    /// <summary>Whether the set itself said which images are the test part.</summary>
    public required bool SplitWasGiven { get; init; }

    /// <summary>Images left out, with the reason.</summary>
    public required IReadOnlyList<SkippedImage> Skipped { get; init; }

    /// <summary>What was left out or decided while reading the set, a sentence each.</summary>
    public required IReadOnlyList<string> Notes { get; init; }

    /// <summary>The stages in order, with their wall-clock seconds.</summary>
    public required IReadOnlyList<StageTime> Stages { get; init; }
}
