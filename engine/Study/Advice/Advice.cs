using OnnxTransfer.Heads;

namespace OnnxTransfer.Study;

/// <summary>What <see cref="Advisor"/> measured, where that places a set, and what to do.</summary>
public sealed record Advice
{
    /// <summary>The quadrant and how sure the rule is of it.</summary>
    public required Placement Placement { get; init; }

    /// <summary>What to do.</summary>
    public required AdviceKind Kind { get; init; }

    /// <summary>Three sentences: on the size, on the depth, on the codes.</summary>
    public required IReadOnlyList<string> Evidence { get; init; }

    /// <summary>The layer to put a head on, now or until the network is fine-tuned.</summary>
    public required LayerScore Layer { get; init; }

    /// <summary>The layers.</summary>
    public required LayerReport Study { get; init; }

    /// <summary>Where along them heads do best.</summary>
    public required Depth Depth { get; init; }

    /// <summary>The learning curve of <see cref="Layer"/>; a single point or two where a share of few images is no other than a larger one.</summary>
    public required IReadOnlyList<LearningCurvePoint> Curve { get; init; }

    /// <summary>What twice the images would bring; null where the curve has too few points, falls or is no power law.</summary>
    public required Extrapolation? Extrapolation { get; init; }

    /// <summary>The parameters of the network up to the top, by the size of its file: float32.</summary>
    public required long Parameters { get; init; }

    /// <summary>The reference that codes were compared with; null where there is none.</summary>
    public required Reference? Reference { get; init; }

    /// <summary>How far the codes lie from the reference's along the network; null without one.</summary>
    public required CodeShift? Shift { get; init; }

    /// <summary>The codes of each layer beside the reference's, in the order of the network; empty without one.</summary>
    public required IReadOnlyList<CodeDistance> Distances { get; init; }
}
