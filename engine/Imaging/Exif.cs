using System.Buffers.Binary;

namespace OnnxTransfer.Imaging;

/// <summary>EXIF metadata: a TIFF structure.</summary>
internal static class Exif
{
    /// <summary>The orientation (tag 0x0112) in the first directory of a TIFF structure; 1 if it is not there or out of 1 to 8.</summary>
    public static int Orientation(ReadOnlySpan<byte> tiff)
    {
        const int Tag = 0x0112, Short = 3, EntrySize = 12;
        var little = tiff.StartsWith("II*\0"u8);
        if (tiff.Length < 10 || (!little && !tiff.StartsWith("MM\0*"u8)))
        {
            return 1;
        }

        var directory = little ? BinaryPrimitives.ReadUInt32LittleEndian(tiff[4..]) : BinaryPrimitives.ReadUInt32BigEndian(tiff[4..]);
        if (directory > tiff.Length - 2)
        {
            return 1;
        }

        var entries = Word(tiff, (int)directory, little);
        for (var i = 0; i < entries; i++)
        {
            var at = (int)directory + 2 + (i * EntrySize);
            if (at > tiff.Length - EntrySize)
            {
                break;
            }

            if (Word(tiff, at, little) == Tag && Word(tiff, at + 2, little) == Short)
            {
                return Word(tiff, at + 8, little) is var value and >= 1 and <= 8 ? value : 1;
            }
        }

        return 1;
    }

    private static int Word(ReadOnlySpan<byte> tiff, int at, bool little) =>
        little ? BinaryPrimitives.ReadUInt16LittleEndian(tiff[at..]) : BinaryPrimitives.ReadUInt16BigEndian(tiff[at..]);
}
