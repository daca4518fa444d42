using OnnxTransfer.Engine;

namespace OnnxTransfer.Study;

/// <summary>How <see cref="Doctor"/> looks at a set; every value has a default.</summary>
public sealed record DoctorOptions
{
    /// <summary>Where codes are read: a tensor, a node, or an alias; null: at the last four ends of blocks.</summary>
    public string? Tap { get; init; }

    /// <summary>How their positions are pooled.</summary>
    public Pooling Pooling { get; init; } = Pooling.Average;

    /// <summary>The seed of the folds.</summary>
    public int Seed { get; init; }

    /// <summary>The folder that keeps the codes; null: a temporary one.</summary>
    public string? Store { get; init; }

    /// <summary>How codes are extracted, and images decoded.</summary>
    public ExtractionOptions Extraction { get; init; } = new();
}
