using SkiaSharp;

namespace OnnxTransfer.Imaging;

/// <summary>
/// Decodes JPEG, PNG, WebP, BMP and GIF with SkiaSharp; its bytes equal Pillow's for RGB JPEG and PNG. What becomes of
/// every other kind of file (grey, alpha, 16 bit, CMYK, palette, animation) is stated in docs/IMAGING.md.
/// </summary>
public sealed class SkiaImageDecoder : IImageDecoder
{
    /// <inheritdoc/>
    public string Name { get; } = $"SkiaSharp {typeof(SKCodec).Assembly.GetName().Version?.ToString(3)}";

    /// <inheritdoc/>
    public RgbImage Decode(byte[] file, string name, DecodeOptions options)
    {
        ArgumentNullException.ThrowIfNull(file);
        ArgumentNullException.ThrowIfNull(options);
        if (file.Length == 0)
        {
            throw Bad(name, "is empty (0 bytes)");
        }

        using var stream = new SKMemoryStream(file);
        using var codec = SKCodec.Create(stream, out var opened);
        if (codec is null)
        {
            throw Bad(name, opened == SKCodecResult.IncompleteInput
                ? "is cut off before its first pixel"
                : "is not an image that can be read (JPEG, PNG, WebP, BMP, GIF)");
        }

        var (width, height) = (codec.Info.Width, codec.Info.Height);
        if (width < 1 || height < 1 || (long)width * height > options.MaxPixels)
        {
            throw Bad(name, $"has {width} x {height} pixels, more than the {options.MaxPixels} allowed");
        }

        var rgba = new byte[4 * width * height];
        var result = Pixels(codec, rgba, width, height);
        if (result == SKCodecResult.IncompleteInput && !options.AllowTruncated)
        {
            throw Bad(name, "is cut off; it can be used as far as it goes with --allow-truncated");
        }

        if (result is not (SKCodecResult.Success or SKCodecResult.IncompleteInput))
        {
            throw Bad(name, $"is damaged ({result})");
        }

        return Orientation.Upright(OverWhite(rgba, width, height), (int)codec.EncodedOrigin);
    }

    private static unsafe SKCodecResult Pixels(SKCodec codec, byte[] rgba, int width, int height)
    {
        // No colour space is named, so that the file's bytes are not converted, as Pillow leaves them.
        var info = new SKImageInfo(width, height, SKColorType.Rgba8888, SKAlphaType.Unpremul);
        fixed (byte* pixels = rgba)
        {
            return codec.GetPixels(info, (nint)pixels, info.RowBytes, new SKCodecOptions(0));
        }
    }

    /// <summary>Drops the alpha channel after blending with white: (a * c + (255 - a) * 255) / 255, rounded to nearest.</summary>
    private static RgbImage OverWhite(byte[] rgba, int width, int height)
    {
        var rgb = new byte[3 * width * height];
        for (int from = 0, to = 0; to < rgb.Length; from += 4, to += 3)
        {
            int alpha = rgba[from + 3];
            if (alpha == 255)
            {
                rgb[to] = rgba[from];
                rgb[to + 1] = rgba[from + 1];
                rgb[to + 2] = rgba[from + 2];
            }
            else
            {
                for (var c = 0; c < 3; c++)
                {
                    rgb[to + c] = (byte)(((alpha * rgba[from + c]) + ((255 - alpha) * 255) + 127) / 255);
                }
            }
        }

        return new RgbImage(width, height, rgb);
    }

    private static OnnxTransferException Bad(string name, string what) => new(FailureKind.Data, $"The image {name} {what}.");
}
