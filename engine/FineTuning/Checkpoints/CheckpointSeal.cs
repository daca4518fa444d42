using System.Runtime.InteropServices;
using System.Security.Cryptography;
using System.Text;

namespace OnnxTransfer.FineTuning;

/// <summary>
/// SHA-256 of a checkpoint's content, kept as one of its properties: a FlatBuffer with a wrong bit in a weight is still a FlatBuffer.
/// </summary>
internal static class CheckpointSeal
{
    /// <summary>The checkpoint with its seal.</summary>
    public static Checkpoint Put(Checkpoint checkpoint) => checkpoint with
    {
        Texts = new Dictionary<string, string>(checkpoint.Texts, StringComparer.Ordinal) { [CheckpointFields.Seal] = Of(checkpoint) },
    };

    /// <summary>The checkpoint without its seal; null where the seal is broken. One that never had a seal is as good.</summary>
    public static Checkpoint? Open(Checkpoint checkpoint)
    {
        if (!checkpoint.Texts.TryGetValue(CheckpointFields.Seal, out var seal))
        {
            return checkpoint;
        }

        var texts = new Dictionary<string, string>(checkpoint.Texts, StringComparer.Ordinal);
        texts.Remove(CheckpointFields.Seal);
        var opened = checkpoint with { Texts = texts };
        return Of(opened) == seal ? opened : null;
    }

    private static string Of(Checkpoint checkpoint)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        var state = checkpoint.State;
        Add(hash, state.Parameters, values => hash.AppendData(MemoryMarshal.AsBytes(values.AsSpan())));
        Add(hash, state.Statistics, values => hash.AppendData(MemoryMarshal.AsBytes(values.AsSpan())));
        Add(hash, state.Moments, moments => Array.ForEach(moments, values => hash.AppendData(MemoryMarshal.AsBytes(values.AsSpan()))));
        hash.AppendData(BitConverter.GetBytes(state.Step));
        Add(hash, checkpoint.Longs, value => hash.AppendData(BitConverter.GetBytes(value)));
        Add(hash, checkpoint.Floats, value => hash.AppendData(BitConverter.GetBytes(value)));
        Add(hash, checkpoint.Texts, value => hash.AppendData(Encoding.UTF8.GetBytes($"{value}\n")));
        return Convert.ToHexStringLower(hash.GetHashAndReset());
    }

    private static void Add<T>(IncrementalHash hash, IReadOnlyDictionary<string, T> values, Action<T> add)
    {
        foreach (var (name, value) in values.OrderBy(pair => pair.Key, StringComparer.Ordinal).Where(pair => pair.Key != CheckpointFields.Program))
        {
            hash.AppendData(Encoding.UTF8.GetBytes($"{name}\n"));
            add(value);
        }
    }
}
