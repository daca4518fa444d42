using System.Buffers.Binary;
using System.Security.Cryptography;

namespace OnnxTransfer.FineTuning;

/// <summary>
/// SHA-256 of a checkpoint, between its identifier and its tables, where readers of the format do not look: a FlatBuffer with a
/// wrong bit in a weight is still a FlatBuffer. A file without a seal, as ONNX Runtime saves it, is as good.
/// </summary>
internal static class CheckpointSeal
{
    // The place of the root table and the identifier; then, a multiple of 8 bytes long, the mark of a seal and the hash.
    private const int Head = 8, Length = 8 + SHA256.HashSizeInBytes;

    private static ReadOnlySpan<byte> Mark => "OnnxSeal"u8;

    /// <summary>The bytes of a FlatBuffer with a seal.</summary>
    public static byte[] Put(ReadOnlySpan<byte> content)
    {
        var file = new byte[content.Length + Length];
        var tables = file.AsSpan(Head + Length);
        content[Head..].CopyTo(tables);
        content[..Head].CopyTo(file);
        BinaryPrimitives.WriteInt32LittleEndian(file, BinaryPrimitives.ReadInt32LittleEndian(content) + Length);
        Mark.CopyTo(file.AsSpan(Head));
        SHA256.HashData(tables, file.AsSpan(Head + Mark.Length));
        return file;
    }

    /// <summary>Whether a file has a seal that its content does not agree with.</summary>
    public static bool IsBroken(ReadOnlySpan<byte> file) => file.Length >= Head + Mark.Length && file.Slice(Head, Mark.Length).SequenceEqual(Mark)
        && (file.Length < Head + Length || !SHA256.HashData(file[(Head + Length)..]).AsSpan().SequenceEqual(file[(Head + Mark.Length)..(Head + Length)]));
}
