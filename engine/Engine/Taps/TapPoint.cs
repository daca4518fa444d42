using OnnxTransfer.Onnx;

namespace OnnxTransfer.Engine;

/// <summary>A tensor of a backbone that can be tapped.</summary>
/// <param name="Name">The tensor's name.</param>
/// <param name="Aliases">Its aliases (stage1, last-pool, penultimate, logits), none for most.</param>
/// <param name="Op">The operator that makes it.</param>
/// <param name="Shape">Its shape at the backbone's size: N, then channels and positions.</param>
/// <param name="Channels">The number of channels.</param>
/// <param name="Stride">Input pixels per position; null where it has no positions.</param>
/// <param name="CostPercent">The share of the whole network's multiply-accumulates needed to compute it, 0..100.</param>
public sealed record TapPoint(
    string Name, IReadOnlyList<string> Aliases, string Op, TensorShape Shape, int Channels, int? Stride, double CostPercent)
{
    /// <summary>The input pixels along a side that a position depends on, which may be more than the image has; null: the whole image.</summary>
    public int? ReceptiveField { get; init; }
}

/// <summary>What is read from an image: a tap point and how its positions are pooled.</summary>
public sealed record Tap(TapPoint Point, Pooling Pooling)
{
    /// <summary>"name|avg": how stores and messages call it.</summary>
    public string Key => $"{Point.Name}|{Pooling.ToText()}";

    /// <summary>D, the length of its codes.</summary>
    public int Width => PoolingGraph.Width(Point.Name, Point.Shape, Pooling, Point.Channels);
}
