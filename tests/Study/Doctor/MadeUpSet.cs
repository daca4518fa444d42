using OnnxTransfer.Datasets;
using OnnxTransfer.Heads;
using OnnxTransfer.Imaging;

namespace OnnxTransfer.Study.Tests;

/// <summary>Codes around a centre for each class, and pictures of random blots: everything is known about them.</summary>
internal static class MadeUpSet
{
    private const int Width = 12, PictureSide = 48;

    /// <summary>Images "0000", "0001", ... of classes "a", "b", ... in turn; the codes of a class lie around its centre.</summary>
    public static DoctorSet Of(int count, int classes, int seed = 1)
    {
        var random = new Random(seed);
        var (values, images) = (new float[count * Width], new List<LabelledImage>());
        for (var i = 0; i < count; i++)
        {
            for (var d = 0; d < Width; d++)
            {
                values[(i * Width) + d] = (float)Math.Max(0, (d % classes == i % classes ? 3 : 1) + Gaussian(random));
            }

            images.Add(Image($"{i:D4}", ((char)('a' + (i % classes))).ToString(), Blots(random)));
        }

        return new DoctorSet([new CodeMatrix(values, count, Width)], images, new bool[count]);
    }

    /// <summary>The same set with other labels for some images.</summary>
    public static DoctorSet Relabelled(this DoctorSet set, Func<int, string?> label) =>
        new(set.Layers, [.. set.Images.Select((image, i) => label(i) is { } other ? image with { Label = other } : image)], set.InTest);

    /// <summary>The same set with other pictures for some images.</summary>
    public static DoctorSet Repainted(this DoctorSet set, Func<int, RgbImage?> picture) =>
        new(set.Layers, [.. set.Images.Select((image, i) => picture(i) is { } other ? Image(image.Id, image.Label!, other) : image)], set.InTest);

    /// <summary>The same set with other codes for some values.</summary>
    public static DoctorSet Recoded(this DoctorSet set, Action<float[]> change)
    {
        var values = set.Layers[^1].Values.ToArray();
        change(values);
        return set with { Layers = [.. set.Layers.SkipLast(1), new CodeMatrix(values, set.Count, set.Layers[^1].Columns)] };
    }

    public static LabelledImage Image(string id, string label, RgbImage picture) => new(id, label, new Painted(JpegFile.Encode(picture, 92)));

    /// <summary>The picture of an image.</summary>
    public static RgbImage Picture(this LabelledImage image) => image.Content.Decode(image.Content.Read(), ImageDecoders.Default, new DecodeOptions());

    /// <summary>Ten grey rectangles over each other.</summary>
    public static RgbImage Blots(Random random)
    {
        var pixels = new byte[3 * PictureSide * PictureSide];
        for (var blot = 0; blot < 10; blot++)
        {
            var (left, top, grey) = (random.Next(PictureSide), random.Next(PictureSide), (byte)random.Next(256));
            for (var y = top; y < Math.Min(PictureSide, top + 20); y++)
            {
                for (var x = left; x < Math.Min(PictureSide, left + 20); x++)
                {
                    pixels.AsSpan(3 * ((y * PictureSide) + x), 3).Fill(grey);
                }
            }
        }

        return new RgbImage(PictureSide, PictureSide, pixels);
    }

    public static RgbImage Mirrored(this RgbImage image)
    {
        var pixels = new byte[image.Pixels.Length];
        for (var i = 0; i < pixels.Length / 3; i++)
        {
            image.Pixels.AsSpan(3 * i, 3).CopyTo(pixels.AsSpan(3 * (i - (i % image.Width) + image.Width - 1 - (i % image.Width))));
        }

        return new RgbImage(image.Width, image.Height, pixels);
    }

    private static double Gaussian(Random random) => Math.Sqrt(-2 * Math.Log(1 - random.NextDouble())) * Math.Cos(2 * Math.PI * random.NextDouble());

    private sealed class Painted(byte[] jpeg) : IImageContent
    {
        public string Path => "memory";

        public byte[] Read() => jpeg;

        public RgbImage Decode(byte[] content, IImageDecoder decoder, DecodeOptions options) => decoder.Decode(content, Path, options);
    }
}
