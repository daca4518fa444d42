namespace OnnxTransfer.Imaging;

/// <summary>Turns the bytes of an image file into pixels; implementations are safe to call from several threads.</summary>
public interface IImageDecoder
{
    /// <summary>The decoder's name and version, for provenance.</summary>
    string Name { get; }

    /// <summary>Decodes the first frame, upright (EXIF orientation applied), in 8-bit RGB.</summary>
    /// <param name="file">The file's bytes.</param>
    /// <param name="name">The file's name, for messages.</param>
    /// <param name="options">Limits.</param>
    /// <exception cref="OnnxTransferException"><see cref="FailureKind.Data"/>: not an image, damaged, truncated, or too large.</exception>
    RgbImage Decode(byte[] file, string name, DecodeOptions options);
}

/// <summary>What a decoder accepts.</summary>
public sealed record DecodeOptions
{
    /// <summary>Decode what is there of a truncated file; the rest is black, or white where the file has transparency. Off by default.</summary>
    public bool AllowTruncated { get; init; }

    /// <summary>The most pixels an image may have; checked before anything is allocated. Pillow's limit by default.</summary>
    public long MaxPixels { get; init; } = 89_478_485;

    /// <summary>The longest side an image may have, in pixels: it bounds the weights of a resize. JPEG's own limit by default.</summary>
    public int MaxSide { get; init; } = 65_535;
}

/// <summary>The decoder that is used where none is asked for.</summary>
public static class ImageDecoders
{
    /// <summary>SkiaSharp's decoder.</summary>
    public static IImageDecoder Default { get; } = new SkiaImageDecoder();
}
