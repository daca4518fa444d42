namespace OnnxTransfer.Onnx;

/// <summary>BatchNormalization and Dropout, which earlier sets ran in inference unless further outputs were asked for.</summary>
internal static class NormalizationUpgrades
{
    /// <summary>The rules.</summary>
    public static readonly (string Op, long Before, UpgradeRule Rule)[] All = [("BatchNormalization", 14, BatchNormalization), ("Dropout", 12, Dropout)];

    private static void BatchNormalization(OldNode node)
    {
        if (node.Take("spatial") is { I: 0 })
        {
            throw node.Unsupported("has statistics for each position (spatial 0)");
        }

        if (Enumerable.Range(1, 4).Any(node.Uses))
        {
            throw node.Unsupported("puts out statistics of its batch as before operator set 14");
        }

        KeepFirstOutput(node);
    }

    private static void Dropout(OldNode node)
    {
        if (node.Uses(1))
        {
            throw node.Unsupported("puts out a mask as before operator set 12");
        }

        KeepFirstOutput(node);
        if (node.Take("ratio") is { } ratio)
        {
            node.Feed(1, node.Floats("ratio", [ratio.F]));
        }
    }

    private static void KeepFirstOutput(OldNode node)
    {
        while (node.Node.Output.Count > 1)
        {
            node.Node.Output.RemoveAt(1);
        }
    }
}
