using OnnxTransfer.Engine;

namespace OnnxTransfer.Study;

/// <summary>How <see cref="Advisor"/> measures; every value has a default.</summary>
public sealed record AdviceOptions
{
    /// <summary>The file of the backbone's reference statistics; null: what <see cref="ReferenceStatistics.Find(Backbone)"/> finds.</summary>
    public string? Reference { get; init; }

    /// <summary>The folder that keeps the codes; null: a temporary one.</summary>
    public string? Store { get; init; }

    /// <summary>The seed of folds and shares.</summary>
    public int Seed { get; init; }

    /// <summary>How codes are extracted.</summary>
    public ExtractionOptions Extraction { get; init; } = new();
}
