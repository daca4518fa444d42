namespace OnnxTransfer.Onnx;

/// <summary>Operators whose lists of whole numbers were attributes and became inputs, with no other change.</summary>
internal static class AttributeUpgrades
{
    /// <summary>The rules.</summary>
    public static readonly (string Op, long Before, UpgradeRule Rule)[] All =
    [
        ("Squeeze", 13, Axes), ("Unsqueeze", 13, Axes), ("ReduceSum", 13, Axes),
        ("Split", 13, node => node.FeedList(1, "split")),
        ("Slice", 10, Slice),
        ("TopK", 10, TopK),
    ];

    private static void Axes(OldNode node) => node.FeedList(1, "axes");

    private static void Slice(OldNode node)
    {
        node.FeedList(1, "starts");
        node.FeedList(2, "ends");
        node.FeedList(3, "axes");
    }

    private static void TopK(OldNode node)
    {
        if (node.Take("k") is { } k)
        {
            node.Feed(1, node.Longs("k", [k.I], 1));
        }
    }
}
