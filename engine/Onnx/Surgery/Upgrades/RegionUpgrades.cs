namespace OnnxTransfer.Onnx;

/// <summary>Operators of detectors, and the operators whose names or bodies changed.</summary>
internal static class RegionUpgrades
{
    /// <summary>The rules.</summary>
    public static readonly (string Op, long Before, UpgradeRule Rule)[] All =
    [
        ("RoiAlign", 16, node => node.Set("coordinate_transformation_mode", "output_half_pixel")),
        ("Scatter", 11, node => node.Node.OpType = "ScatterElements"),
        ("Scan", 9, node => throw node.Unsupported("scans a batch as before operator set 9")),
    ];
}
