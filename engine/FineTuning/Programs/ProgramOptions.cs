using OnnxTransfer.Onnx;

namespace OnnxTransfer.FineTuning;

/// <summary>How a network becomes a <see cref="TrainingProgram"/>.</summary>
internal sealed record ProgramOptions
{
    /// <summary>Which weights are learned; null: all.</summary>
    public Func<WeightSlot, bool>? Learned { get; init; }

    /// <summary>Whether batch normalisations that are learned normalise by the batch, and not by what they know from before.</summary>
    public bool BatchStatistics { get; init; }

    /// <summary>Whether the program takes the images in any case, with what is not learned inside it; otherwise that is split off.</summary>
    public bool TakesImages { get; init; }

    /// <summary>What the learning rate of a weight is multiplied by; null: 1 for all.</summary>
    public Func<WeightSlot, float>? RateFactor { get; init; }

    /// <summary>Appends the loss to a graph with logits [N, K] and targets [N, K], given K, and returns its scalar.</summary>
    public required Func<GraphBuilder, string, string, int, string> Loss { get; init; }
}
