namespace OnnxTransfer.Onnx;

/// <summary>
/// Upsample, and Resize of set 10: position p of the result was taken at p / scale of the input ("asymmetric"), and the nearest
/// element was the one before it when the map grows and the one after it when it shrinks, as ONNX Runtime has it.
/// </summary>
internal static class ResizeUpgrades
{
    private const int Scales = 2;

    /// <summary>The rules.</summary>
    public static readonly (string Op, long Before, UpgradeRule Rule)[] All = [("Upsample", 10, Upsample), ("Resize", 11, Resize)];

    private static void Upsample(OldNode node)
    {
        node.Node.OpType = "Resize";
        if (node.Take("scales") is { } scales)
        {
            node.Feed(1, node.Floats("scales", [.. scales.Floats], scales.Floats.Count));
        }

        // Upsample only grows.
        Asymmetric(node, "floor");
    }

    private static void Resize(OldNode node)
    {
        var scales = node.ConstantFloats(1);
        if (node.Node.Text("mode", "nearest") != "nearest" || scales?.All(scale => scale >= 1) is true)
        {
            Asymmetric(node, "floor");
        }
        else if (scales?.All(scale => scale <= 1) is true)
        {
            Asymmetric(node, "ceil");
        }
        else
        {
            throw node.Unsupported("takes nearest elements by scales that are computed, or that are larger than 1 and smaller");
        }
    }

    private static void Asymmetric(OldNode node, string nearest)
    {
        node.Feed(Scales, node.Input(1));
        node.Node.Input[1] = string.Empty;
        node.Set("coordinate_transformation_mode", "asymmetric");
        if (node.Node.Text("mode", "nearest") == "nearest")
        {
            node.Set("nearest_mode", nearest);
        }
    }
}
