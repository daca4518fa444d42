using OnnxTransfer.Engine;

namespace OnnxTransfer.Study;

/// <summary>What <see cref="LayerStudy"/> found.</summary>
public sealed record LayerReport
{
    /// <summary>Every layer with every pooling and loss, in the order of the network.</summary>
    public required IReadOnlyList<LayerScore> Scores { get; init; }

    /// <summary>What the layer to take may cost.</summary>
    public Budget Budget { get; init; } = new(null, null);

    /// <summary>The layer to take (<see cref="Recommendation"/>).</summary>
    public required LayerChoice<LayerScore> Recommended { get; init; }

    /// <summary>Of the layers beyond the budget the most accurate, where it is more accurate than the best within; else null.</summary>
    public LayerScore? Beyond => Scores.Where(score => !Budget.Allows(score) && score.CrossValidated.Accuracy > Recommended.Best.CrossValidated.Accuracy)
        .MaxBy(static score => score.CrossValidated.Accuracy);

    /// <summary>The best layer joined with others, and whether that is better; none where there is no other.</summary>
    public IReadOnlyList<Concatenation> Concatenations { get; init; } = [];

    /// <summary>How well guesses without training rank the layers.</summary>
    public AccuracyGuesses Guesses => AccuracyGuesses.Of(Scores);

    /// <summary>The proof of the cut; null where every code was in the store already.</summary>
    public required CutProof? Proof { get; init; }

    /// <summary>Images that were learned from.</summary>
    public required int TrainImages { get; init; }

    /// <summary>Images that were tested with; 0 where the set has no test part.</summary>
    public required int TestImages { get; init; }

    /// <summary>The classes, in ordinal order.</summary>
    public required IReadOnlyList<string> Classes { get; init; }

    /// <summary>Images left out, with the reason.</summary>
    public required IReadOnlyList<SkippedImage> Skipped { get; init; }

    /// <summary>What was left out or decided while reading the set, a sentence each.</summary>
    public required IReadOnlyList<string> Notes { get; init; }

    /// <summary>The stages in order, with their wall-clock seconds.</summary>
    public required IReadOnlyList<StageTime> Stages { get; init; }
}
