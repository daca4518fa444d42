using OnnxTransfer.Datasets;
using OnnxTransfer.Imaging;
using OnnxTransfer.Study;

namespace OnnxTransfer.Bench.Doctor;

/// <summary>Copies of images, changed in four ways, and what the doctor finds of them.</summary>
internal static class PlantedCopies
{
    private const int OfEach = 15;

    // Behind every other id, so that the images of a set keep their places.
    private const string Prefix = "~copies/";

    private static readonly Func<RgbImage, byte[]>[] Changes =
    [
        static image => JpegFile.Encode(image, 40),
        static image => JpegFile.Encode(Halved(image), 50),
        static image => JpegFile.Encode(Mirrored(image), 60),
        static image => JpegFile.Encode(Halved(Mirrored(image)), 40),
    ];

    /// <summary>The set and 60 copies of its images: re-encoded, half the size, mirrored, and both; each with its original's label and part.</summary>
    /// <param name="images">The set.</param>
    /// <param name="seed">Which images are copied.</param>
    /// <param name="originals">By the id of a copy: its original's.</param>
    public static LabelledImages AddTo(LabelledImages images, int seed, out Dictionary<string, string> originals)
    {
        int[] order = [.. Enumerable.Range(0, images.Count)];
        new Random(seed).Shuffle(order);
        var copied = order.Take(Math.Min(images.Count, OfEach * Changes.Length)).Select((i, n) => (Original: images[i], Copy: Copy(images[i], n))).ToArray();
        originals = copied.ToDictionary(static pair => pair.Copy.Id, static pair => pair.Original.Id, StringComparer.Ordinal);
        return new LabelledImages(images.Source, [.. images, .. copied.Select(static pair => pair.Copy)]);
    }

    /// <summary>How many of the copies are reported beside their originals.</summary>
    public static int Found(IEnumerable<NearDuplicate> pairs, IReadOnlyDictionary<string, string> originals) => pairs.Count(pair => IsPlanted(pair, originals));

    /// <summary>Whether a pair is a copy with its original.</summary>
    public static bool IsPlanted(NearDuplicate pair, IReadOnlyDictionary<string, string> originals) =>
        originals.GetValueOrDefault(pair.Image) == pair.Other || originals.GetValueOrDefault(pair.Other) == pair.Image;

    private static LabelledImage Copy(LabelledImage image, int number)
    {
        var pixels = image.Content.Decode(image.Content.Read(), ImageDecoders.Default, new DecodeOptions());
        var id = $"{Prefix}{number / OfEach}-{number % OfEach:D2} {image.Id}";
        return image with { Id = id, Content = new JpegInMemory(id, Changes[number / OfEach](pixels)) };
    }

    private static RgbImage Halved(RgbImage image) => Resampling.Resize(image, Math.Max(1, image.Width / 2), Math.Max(1, image.Height / 2), ResizeFilter.Bilinear);

    private static RgbImage Mirrored(RgbImage image)
    {
        var (width, pixels) = (image.Width, new byte[image.Pixels.Length]);
        for (var p = 0; p < pixels.Length / 3; p++)
        {
            image.Pixels.AsSpan(3 * p, 3).CopyTo(pixels.AsSpan(3 * (p + width - 1 - (2 * (p % width)))));
        }

        return new RgbImage(width, image.Height, pixels);
    }

    private sealed class JpegInMemory(string name, byte[] jpeg) : IImageContent
    {
        public string Path => name;

        public byte[] Read() => jpeg;

        public RgbImage Decode(byte[] content, IImageDecoder decoder, DecodeOptions options) => decoder.Decode(content, Path, options);
    }
}
