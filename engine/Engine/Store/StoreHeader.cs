using OnnxTransfer.Imaging;

namespace OnnxTransfer.Engine;

/// <summary>What makes the codes of a store; the hash of all that decides their values is the key.</summary>
public sealed record StoreHeader
{
    /// <summary>The model file's name, for people; not part of the key.</summary>
    public required string Model { get; init; }

    /// <summary>SHA-256 of the model file.</summary>
    public required string ModelSha256 { get; init; }

    /// <summary>Path of the model file at the time, for convenience; not part of the key.</summary>
    public string? ModelPath { get; init; }

    /// <summary>The recipe.</summary>
    public required Recipe Recipe { get; init; }

    /// <summary>The columns.</summary>
    public required IReadOnlyList<CodeColumn> Columns { get; init; }

    /// <summary>The other names of the tapped tensors, aliases and nodes, each with its tensor; not part of the key.</summary>
    public IReadOnlyDictionary<string, string> Aliases { get; init; } = new SortedDictionary<string, string>(StringComparer.Ordinal);

    /// <summary>Images per run.</summary>
    public required int Batch { get; init; }

    /// <summary>Whether truncated files were used as far as they go.</summary>
    public bool AllowTruncated { get; init; }

    /// <summary>ONNX Runtime's version.</summary>
    public required string Runtime { get; init; }

    /// <summary>The execution provider.</summary>
    public required string Provider { get; init; }

    /// <summary>The decoder's name and version.</summary>
    public required string Decoder { get; init; }

    /// <summary>SHA-256 of what decides the codes, 64 lower-case hexadecimal digits; blocks carry it.</summary>
    public string Key => StoreHeaderJson.Key(this);
}

/// <summary>A column of a store.</summary>
/// <param name="Tap">The tensor's name.</param>
/// <param name="Pooling">How its positions became one vector.</param>
/// <param name="Width">D, the length of a code.</param>
public sealed record CodeColumn(string Tap, Pooling Pooling, int Width)
{
    /// <summary>"name|avg": the column's name in the blocks.</summary>
    public string Key => $"{Tap}|{Pooling.ToText()}";
}
