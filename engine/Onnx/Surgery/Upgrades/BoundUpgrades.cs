namespace OnnxTransfer.Onnx;

/// <summary>Clip and Pad, whose numbers became inputs of the element type of the tensor.</summary>
internal static class BoundUpgrades
{
    /// <summary>The rules.</summary>
    public static readonly (string Op, long Before, UpgradeRule Rule)[] All = [("Clip", 11, Clip), ("Pad", 11, Pad)];

    private static void Clip(OldNode node)
    {
        Scalar(node, 1, "min");
        Scalar(node, 2, "max");
    }

    private static void Pad(OldNode node)
    {
        node.FeedList(1, "pads");
        Scalar(node, 2, "value");
    }

    private static void Scalar(OldNode node, int input, string attribute)
    {
        if (node.Take(attribute) is { } number)
        {
            node.Feed(input, node.ScalarLike(attribute, number.F));
        }
    }
}
