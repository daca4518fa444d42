using System.Collections.Frozen;

namespace OnnxTransfer.FineTuning;

/// <summary>
/// All that training needs to go on where it stopped, in the format of ONNX Runtime Training (a FlatBuffer with the identifier
/// ODTC, version 2), for every engine. Parameters are its trainable ones, running statistics its frozen ones, the optimizer's
/// moments its group <c>group0</c>; the loop's own position stands in its property bag.
/// </summary>
internal sealed record Checkpoint
{
    /// <summary>Weights, statistics and moments.</summary>
    public required TrainingState State { get; init; }

    /// <summary>Whole numbers by name.</summary>
    public IReadOnlyDictionary<string, long> Longs { get; init; } = FrozenDictionary<string, long>.Empty;

    /// <summary>Numbers by name.</summary>
    public IReadOnlyDictionary<string, float> Floats { get; init; } = FrozenDictionary<string, float>.Empty;

    /// <summary>Texts by name.</summary>
    public IReadOnlyDictionary<string, string> Texts { get; init; } = FrozenDictionary<string, string>.Empty;

    /// <summary>Writes the file, whole or not at all, sealed.</summary>
    /// <exception cref="OnnxTransferException">Machine: it cannot be written. Model: the weights are more than such a file can hold.</exception>
    public void Write(string path, TrainingProgram program)
    {
        var content = CheckpointWriter.Bytes(this, program);
        WholeFile.Write(path, stream => stream.Write(content));
    }

    /// <summary>Reads a file of this project or of ONNX Runtime Training.</summary>
    /// <exception cref="OnnxTransferException">
    /// Data: there is no such file, or it is damaged or no checkpoint. Model: it is one of another model. Machine: it cannot be read.
    /// </exception>
    public static Checkpoint Read(string path, TrainingProgram program)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        if (!File.Exists(path))
        {
            throw new OnnxTransferException(FailureKind.Data, $"There is no checkpoint {path}; check the path.");
        }

        try
        {
            var length = RegularFile.Length(path);
            return length <= Array.MaxLength
                ? CheckpointReader.Parse(File.ReadAllBytes(path), path, program)
                : throw CheckpointReader.Damaged(path, $"it has {length} bytes, more than the 2 GB of the format");
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new OnnxTransferException(FailureKind.Machine, $"Cannot read {path}: {e.Message.TrimEnd('.')}; check the file and its permissions.", e);
        }
    }
}
