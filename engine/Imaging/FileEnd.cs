using System.Buffers.Binary;

namespace OnnxTransfer.Imaging;

/// <summary>
/// Whether a file goes on to the end that its format marks. Decoders do not say so reliably: a progressive JPEG without
/// its later scans decodes to a coarser picture and an animation without its later frames to its first one, both
/// without an error. Bytes after the end are nobody's concern.
/// </summary>
internal static class FileEnd
{
    /// <summary>True if the end is there; the pixels before it are the decoder's to judge.</summary>
    public static bool IsReached(ReadOnlySpan<byte> file, ImageFormat format) => format switch
    {
        ImageFormat.Jpeg => Jpeg(file),
        ImageFormat.Png => PngFile.Find(file, "IEND"u8, out _),
        ImageFormat.Gif => Gif(file),
        ImageFormat.WebP => file.Length - 8L >= BinaryPrimitives.ReadUInt32LittleEndian(file[4..]),
        ImageFormat.Bmp => Bmp(file),
        _ => false,
    };

    /// <summary>
    /// A bitmap is a header and rows, and the decoder misses every row that is not there; only run-length coding has an
    /// end of its own, to which the header (BITMAPINFOHEADER and later) gives the length.
    /// </summary>
    private static bool Bmp(ReadOnlySpan<byte> file)
    {
        const uint InfoHeader = 40, RunLength8 = 1, RunLength4 = 2;
        if (file.Length < 38 || BinaryPrimitives.ReadUInt32LittleEndian(file[14..]) < InfoHeader)
        {
            return true;
        }

        var start = BinaryPrimitives.ReadUInt32LittleEndian(file[10..]);
        var length = BinaryPrimitives.ReadUInt32LittleEndian(file[34..]);
        return BinaryPrimitives.ReadUInt32LittleEndian(file[30..]) is not (RunLength8 or RunLength4)
            || (ulong)start + length <= (ulong)file.Length;
    }

    /// <summary>
    /// Walks from marker to marker (ITU T.81, annex B) to the end of image, over the entropy-coded data too: there
    /// 0xFF is followed by zero or a restart marker, both of which stand alone.
    /// </summary>
    private static bool Jpeg(ReadOnlySpan<byte> file)
    {
        const byte StartOfImage = 0xD8, EndOfImage = 0xD9, FirstRestart = 0xD0, Temporary = 0x01, Stuffing = 0x00;
        var at = 2;
        while (at < file.Length)
        {
            var prefix = file[at..].IndexOf((byte)0xFF);
            if (prefix < 0)
            {
                return false;
            }

            at += prefix;
            var fill = file[at..].IndexOfAnyExcept((byte)0xFF);
            if (fill < 0)
            {
                return false;
            }

            at += fill;
            var code = file[at++];
            if (code == EndOfImage)
            {
                return true;
            }

            if (code is not (Stuffing or Temporary or (>= FirstRestart and <= StartOfImage)))
            {
                if (file.Length - at < 2)
                {
                    return false;
                }

                at += BinaryPrimitives.ReadUInt16BigEndian(file[at..]);
            }
        }

        return false;
    }

    /// <summary>Walks from block to block (GIF89a, appendix A) to the trailer.</summary>
    private static bool Gif(ReadOnlySpan<byte> file)
    {
        const byte Extension = 0x21, Image = 0x2C, Trailer = 0x3B;
        if (file.Length < 13)
        {
            return false;
        }

        var at = 13 + ColourTable(file[10]);
        while (at < file.Length)
        {
            switch (file[at])
            {
                case Trailer:
                    return true;
                case Extension:
                    at = AfterSubBlocks(file, at + 2);
                    break;
                case Image when at + 9 < file.Length:
                    at = AfterSubBlocks(file, at + 11 + ColourTable(file[at + 9]));
                    break;
                case Image:
                    return false;
                default:
                    at++;
                    break;
            }
        }

        return false;
    }

    private static int ColourTable(byte flags) => (flags & 0x80) == 0 ? 0 : 3 << ((flags & 7) + 1);

    private static int AfterSubBlocks(ReadOnlySpan<byte> file, int at)
    {
        while (at < file.Length && file[at] != 0)
        {
            at += file[at] + 1;
        }

        return at + 1;
    }
}
