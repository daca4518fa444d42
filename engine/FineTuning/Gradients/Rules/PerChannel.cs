namespace OnnxTransfer.FineTuning;

/// <summary>Vectors that have one number for each channel, axis 1 of a tensor.</summary>
internal static class PerChannel
{
    /// <summary>The sum over all axes but the channels: [C].</summary>
    public static string Sum(GradientNode node, string tensor, int rank) =>
        node.Sum(tensor, [0, .. Enumerable.Range(2, Math.Max(rank - 2, 0)).Select(axis => (long)axis)], keep: false);

    /// <summary>A vector [C] as it multiplies a tensor of a rank: [C, 1, ...].</summary>
    public static string Along(GradientNode node, string vector, int rank) =>
        rank <= 2 ? vector : node.Add("Unsqueeze", [vector, node.Longs([.. Enumerable.Range(1, rank - 2)])]);

    /// <summary>One value as often as a vector has elements.</summary>
    public static string Same(GradientNode node, float value, string vector) => node.Shape(vector)[0].Value is { } length
        ? node.Graph.Constant("gradient/channels", [.. Enumerable.Repeat(value, (int)length)], length)
        : node.Add("Expand", [node.Scalar(value), node.Add("Shape", [vector])]);
}
