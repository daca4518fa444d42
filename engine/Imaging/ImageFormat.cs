namespace OnnxTransfer.Imaging;

/// <summary>The file formats that are read, told from the first bytes alone: names and endings prove nothing.</summary>
internal enum ImageFormat
{
    /// <summary>None of the others.</summary>
    Unknown,

    /// <summary>JPEG (ITU T.81).</summary>
    Jpeg,

    /// <summary>Portable Network Graphics (ISO/IEC 15948).</summary>
    Png,

    /// <summary>Graphics Interchange Format, 87a or 89a.</summary>
    Gif,

    /// <summary>WebP (RFC 9649).</summary>
    WebP,

    /// <summary>Windows bitmap.</summary>
    Bmp,
}

/// <summary>Recognises formats.</summary>
internal static class ImageFormats
{
    /// <summary>The formats read, for messages.</summary>
    public const string Names = "JPEG, PNG, WebP, BMP or GIF";

    /// <summary>The format that the file's first bytes announce.</summary>
    public static ImageFormat Of(ReadOnlySpan<byte> file) =>
        file.StartsWith((ReadOnlySpan<byte>)[0xFF, 0xD8, 0xFF]) ? ImageFormat.Jpeg
        : file.StartsWith(PngFile.Signature) ? ImageFormat.Png
        : file.StartsWith("GIF87a"u8) || file.StartsWith("GIF89a"u8) ? ImageFormat.Gif
        : file.StartsWith("RIFF"u8) && file.Length >= 12 && file.Slice(8, 4).SequenceEqual("WEBP"u8) ? ImageFormat.WebP
        : file.StartsWith("BM"u8) ? ImageFormat.Bmp
        : ImageFormat.Unknown;
}
