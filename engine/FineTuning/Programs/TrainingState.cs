namespace OnnxTransfer.FineTuning;

/// <summary>All that a step changes: weights, running statistics, and what the optimizer remembers. A checkpoint holds it.</summary>
internal sealed record TrainingState
{
    /// <summary>The values of each parameter, by name.</summary>
    public required IReadOnlyDictionary<string, float[]> Parameters { get; init; }

    /// <summary>The values of each running statistic, by name.</summary>
    public required IReadOnlyDictionary<string, float[]> Statistics { get; init; }

    /// <summary>
    /// What the optimizer remembers of each parameter, by name: the momentum of SGD, or first and second moments of AdamW.
    /// Empty before the first update.
    /// </summary>
    public required IReadOnlyDictionary<string, float[][]> Moments { get; init; }

    /// <summary>The number of updates so far.</summary>
    public required long Step { get; init; }
}
