using System.Buffers.Binary;

namespace OnnxTransfer.Imaging;

/// <summary>The chunks of a PNG file (ISO/IEC 15948).</summary>
internal static class PngFile
{
    /// <summary>The eight bytes that a PNG file begins with.</summary>
    public static ReadOnlySpan<byte> Signature => [0x89, (byte)'P', (byte)'N', (byte)'G', 0x0D, 0x0A, 0x1A, 0x0A];

    /// <summary>Finds the first chunk of a kind that is there from its length to its check sum.</summary>
    public static bool Find(ReadOnlySpan<byte> file, ReadOnlySpan<byte> kind, out ReadOnlySpan<byte> data)
    {
        const int Frame = 12;
        for (var at = (long)Signature.Length; file.Length - at >= Frame;)
        {
            var chunk = file[(int)at..];
            var length = BinaryPrimitives.ReadUInt32BigEndian(chunk);
            if (length > chunk.Length - Frame)
            {
                break;
            }

            if (chunk.Slice(4, 4).SequenceEqual(kind))
            {
                data = chunk.Slice(8, (int)length);
                return true;
            }

            at += length + Frame;
        }

        data = default;
        return false;
    }

    /// <summary>The EXIF orientation in the chunk eXIf, 1 if there is none.</summary>
    public static int Orientation(ReadOnlySpan<byte> file) =>
        Find(file, "eXIf"u8, out var exif) ? Exif.Orientation(exif) : 1;
}
