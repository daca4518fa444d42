using SkiaSharp;

namespace OnnxTransfer.Imaging;

/// <summary>Writes pixels as a JPEG file, for pictures that people look at.</summary>
public static class JpegFile
{
    /// <summary>The image as the bytes of a JPEG file.</summary>
    /// <param name="image">The pixels.</param>
    /// <param name="quality">From 1 to 100.</param>
    public static unsafe byte[] Encode(RgbImage image, int quality = 80)
    {
        ArgumentNullException.ThrowIfNull(image);
        ArgumentOutOfRangeException.ThrowIfLessThan(quality, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(quality, 100);
        using var bitmap = new SKBitmap(new SKImageInfo(image.Width, image.Height, SKColorType.Rgba8888, SKAlphaType.Opaque));
        for (var y = 0; y < image.Height; y++)
        {
            var row = new Span<byte>((byte*)bitmap.GetPixels() + ((nint)y * bitmap.RowBytes), 4 * image.Width);
            var pixels = image.Pixels.AsSpan(3 * y * image.Width, 3 * image.Width);
            for (var x = 0; x < image.Width; x++)
            {
                pixels.Slice(3 * x, 3).CopyTo(row[(4 * x)..]);
                row[(4 * x) + 3] = byte.MaxValue;
            }
        }

        using var data = bitmap.Encode(SKEncodedImageFormat.Jpeg, quality);
        return data.ToArray();
    }
}
