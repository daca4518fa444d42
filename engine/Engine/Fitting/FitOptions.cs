using OnnxTransfer.Heads;

namespace OnnxTransfer.Engine;

/// <summary>How <see cref="Fit"/> makes a classifier; every value has a default.</summary>
public sealed record FitOptions
{
    /// <summary>The tap, or several whose codes are joined: each a tensor, a node, or an alias.</summary>
    public IReadOnlyList<string> Taps { get; init; } = ["penultimate"];

    /// <summary>How their positions are pooled: one way for all, or one for each.</summary>
    public IReadOnlyList<Pooling> Poolings { get; init; } = [Pooling.Average];

    /// <summary>How the head is trained; by default a softmax on standardised codes, C by cross-validation.</summary>
    public HeadOptions Head { get; init; } = new() { Standardize = true };

    /// <summary>How its probabilities are calibrated; null: the default of <see cref="LinearHead.Calibrate"/>.</summary>
    public CalibrationMethod? Calibration { get; init; }

    /// <summary>The share of every class that is kept for the test where the set has no test part.</summary>
    public double TestShare { get; init; } = 0.2;

    /// <summary>The seed of that split.</summary>
    public int Seed { get; init; }

    /// <summary>The folder that keeps the codes; null: a temporary one.</summary>
    public string? Store { get; init; }

    /// <summary>How codes are extracted.</summary>
    public ExtractionOptions Extraction { get; init; } = new();
}
