using System.Runtime.InteropServices;
using SixLabors.ImageSharp;
using SixLabors.ImageSharp.Formats;
using SixLabors.ImageSharp.Metadata.Profiles.Exif;
using SixLabors.ImageSharp.PixelFormats;

namespace OnnxTransfer.Imaging;

/// <summary>
/// Decodes JPEG, PNG, WebP, BMP and GIF with SixLabors.ImageSharp 3.1, managed code alone, for places where no native
/// library may go. Built by <c>-p:ImageSharp=true</c> only, and not compiled or run by this project's tests.
/// </summary>
/// <remarks>
/// The checks of the file (format, end, size) and the blend over white are those of every decoder. The decoded bytes are
/// ImageSharp's: its JPEG arithmetic is not libjpeg's, so that they may differ from Pillow's, and codes with them.
/// </remarks>
public sealed class ImageSharpDecoder : IImageDecoder
{
    /// <inheritdoc/>
    public string Name { get; } = $"ImageSharp {typeof(Image).Assembly.GetName().Version?.ToString(3)}";

    /// <inheritdoc/>
    public RgbImage Decode(byte[] file, string name, DecodeOptions options)
    {
        ArgumentNullException.ThrowIfNull(file);
        ArgumentNullException.ThrowIfNull(options);
        FileChecks.Format(file, name, options);
        var decoding = new DecoderOptions { MaxFrames = 1 };
        try
        {
            var header = Image.Identify(decoding, file);
            FileChecks.CheckSize(header.Width, header.Height, name, options);
            using var image = Image.Load<Rgba32>(decoding, file);
            FileChecks.CheckSize(image.Width, image.Height, name, options);
            return Orientation.Upright(OverWhite(image), ExifOrientation(image));
        }
        catch (Exception e) when (e is ImageFormatException or ImageProcessingException or NotSupportedException)
        {
            throw FileChecks.Damaged(name, e.Message.TrimEnd('.').ReplaceLineEndings(" "), e);
        }
    }

    private static RgbImage OverWhite(Image<Rgba32> image)
    {
        var pixels = new byte[3 * image.Width * image.Height];
        image.ProcessPixelRows(rows =>
        {
            for (var y = 0; y < rows.Height; y++)
            {
                Alpha.OverWhite(MemoryMarshal.AsBytes(rows.GetRowSpan(y)), pixels.AsSpan(3 * y * rows.Width, 3 * rows.Width));
            }
        });
        return new RgbImage(image.Width, image.Height, pixels);
    }

    private static int ExifOrientation(Image image) =>
        image.Metadata.ExifProfile is { } exif && exif.TryGetValue(ExifTag.Orientation, out var value) ? value.Value : 1;
}
