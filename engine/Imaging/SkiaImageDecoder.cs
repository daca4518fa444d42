using System.Runtime.InteropServices;
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
    public unsafe RgbImage Decode(byte[] file, string name, DecodeOptions options)
    {
        ArgumentNullException.ThrowIfNull(file);
        ArgumentNullException.ThrowIfNull(options);
        var format = FileChecks.Format(file, name, options);
        fixed (byte* bytes = file)
        {
            using var data = SKData.Create((nint)bytes, file.Length);
            using var stream = new SKMemoryStream(data);
            using var codec = SKCodec.Create(stream, out var opened);
            if (codec is null)
            {
                throw opened == SKCodecResult.IncompleteInput
                    ? FileChecks.Bad(name, "is cut off before its first pixel; leave it out")
                    : FileChecks.Damaged(name, opened.ToString());
            }

            FileChecks.CheckSize(codec.Info.Width, codec.Info.Height, name, options);
            var image = Pixels(codec, name, options);
            return Orientation.Upright(image, format == ImageFormat.Png ? PngFile.Orientation(file) : (int)codec.EncodedOrigin);
        }
    }

    private static unsafe RgbImage Pixels(SKCodec codec, string name, DecodeOptions options)
    {
        // No colour space is named, so that the file's bytes are not converted, as Pillow leaves them.
        var info = new SKImageInfo(codec.Info.Width, codec.Info.Height, SKColorType.Rgba8888, SKAlphaType.Unpremul);
        var length = 4 * (nuint)info.Width * (nuint)info.Height;

        // Cleared, so that no file, whatever it leaves out, shows what was in memory before: what is missing is transparent
        // black, which becomes black or, over white, white.
        var rgba = (byte*)NativeMemory.AllocZeroed(length);
        try
        {
            var result = codec.GetPixels(info, (nint)rgba, info.RowBytes, new SKCodecOptions(0));
            if (result == SKCodecResult.IncompleteInput && !options.AllowTruncated)
            {
                throw FileChecks.CutOff(name);
            }

            if (result is not (SKCodecResult.Success or SKCodecResult.IncompleteInput))
            {
                throw FileChecks.Damaged(name, result.ToString());
            }

            var pixels = GC.AllocateUninitializedArray<byte>(3 * info.Width * info.Height);
            for (var y = 0; y < info.Height; y++)
            {
                var row = new ReadOnlySpan<byte>(rgba + ((nuint)y * (nuint)info.RowBytes), info.RowBytes);
                var target = pixels.AsSpan(3 * y * info.Width, 3 * info.Width);
                if (codec.Info.AlphaType == SKAlphaType.Opaque)
                {
                    Alpha.Drop(row, target);
                }
                else
                {
                    Alpha.OverWhite(row, target);
                }
            }

            return new RgbImage(info.Width, info.Height, pixels);
        }
        finally
        {
            NativeMemory.Free(rgba);
        }
    }
}
