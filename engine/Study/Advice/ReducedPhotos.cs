using System.Buffers.Binary;
using OnnxTransfer.Datasets;
using OnnxTransfer.Engine;
using OnnxTransfer.Imaging;

namespace OnnxTransfer.Study;

/// <summary>
/// Photos as small as the smallest sets have them. Networks answer to blur as to another kind of photo, so those of a set and those of
/// a reference are made equally blurred before their codes are compared.
/// </summary>
internal static class ReducedPhotos
{
    /// <summary>The short side that a larger photo is reduced to, in pixels: CIFAR's.</summary>
    public const int Side = 32;

    // Means and variances of more change nothing in the first two digits.
    private const int Most = 600;

    /// <summary>All images of a set, each with a short side of at most 32 pixels.</summary>
    public static LabelledImages All(LabelledImages images, ExtractionOptions options) =>
        new(images.Source, images.Select(image => image with { Content = new Reduced(image.Content, options) }));

    /// <summary>The same of 600 of those with the given ids, at even distances; of all where there are fewer.</summary>
    public static LabelledImages Sample(LabelledImages images, IReadOnlyList<string> ids, ExtractionOptions options)
    {
        var count = Math.Min(ids.Count, Most);
        var kept = Enumerable.Range(0, count).Select(i => ids[(int)((long)i * ids.Count / count)]).ToHashSet(StringComparer.Ordinal);
        return All(new LabelledImages(images.Source, images.Where(image => kept.Contains(image.Id))), options);
    }

    /// <summary>The reduced pixels are what the image is, so that a store never takes its codes for the whole photo's.</summary>
    private sealed class Reduced(IImageContent photo, ExtractionOptions options) : IImageContent
    {
        private const int Header = 2 * sizeof(int);

        public string Path => photo.Path;

        public byte[] Read()
        {
            var image = Small(photo.Decode(photo.Read(), options.Decoder, new DecodeOptions { AllowTruncated = options.AllowTruncated }));
            var bytes = new byte[Header + image.Pixels.Length];
            BinaryPrimitives.WriteInt32LittleEndian(bytes, image.Width);
            BinaryPrimitives.WriteInt32LittleEndian(bytes.AsSpan(sizeof(int)), image.Height);
            image.Pixels.CopyTo(bytes.AsSpan(Header));
            return bytes;
        }

        public RgbImage Decode(byte[] content, IImageDecoder decoder, DecodeOptions options) => new(
            BinaryPrimitives.ReadInt32LittleEndian(content), BinaryPrimitives.ReadInt32LittleEndian(content.AsSpan(sizeof(int))), content[Header..]);

        private static RgbImage Small(RgbImage image)
        {
            var shorter = Math.Min(image.Width, image.Height);
            return shorter <= Side ? image : Resampling.Resize(image, Scaled(image.Width), Scaled(image.Height), ResizeFilter.Bicubic);

            int Scaled(int pixels) => (int)((((long)pixels * Side) + (shorter / 2)) / shorter);
        }
    }
}
