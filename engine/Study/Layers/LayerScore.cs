using OnnxTransfer.Engine;
using OnnxTransfer.Heads;

namespace OnnxTransfer.Study;

/// <summary>How good a head on one layer is, on a test part too, and what it costs.</summary>
public sealed record LayerScore : LayerTrial
{
    /// <summary>What <see cref="Study.LogMe"/> guesses on the images to learn from; null where it takes too long.</summary>
    public double? LogMe { get; init; }

    /// <summary>What <see cref="Study.HScore"/> guesses on them; null where it takes too long.</summary>
    public double? HScore { get; init; }

    /// <summary>On the test part; null where the set has none.</summary>
    public required Evaluation? Test { get; init; }

    /// <summary>The size of the head: float32, K x (D + 1).</summary>
    public required long HeadBytes { get; init; }

    /// <summary>Milliseconds and bytes of the network up to the layer.</summary>
    public required CutCost Cost { get; init; }

    /// <summary>The bytes of backbone and head.</summary>
    public long Bytes => Cost.Bytes + HeadBytes;

    /// <summary>"layer3|avg, svm": how sentences call it.</summary>
    public string Name => $"{Tap.Key}, {Loss.ToText()}";
}
