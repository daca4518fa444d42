namespace OnnxTransfer.Datasets;

/// <summary>The names of the parts of a set, as folders and lists spell them.</summary>
internal static class SplitNames
{
    public const string Train = "train";
    public const string Test = "test";
    public const string Validation = "val";

    /// <summary>
    /// "train", "test" or "val" for the spellings in use (any case; also "valid" and "validation"); null for any other
    /// name.
    /// </summary>
    public static string? Parse(string name) => name.ToUpperInvariant() switch
    {
        "TRAIN" => Train,
        "TEST" => Test,
        "VAL" or "VALID" or "VALIDATION" => Validation,
        _ => null,
    };
}
