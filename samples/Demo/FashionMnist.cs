using System.Globalization;
using OnnxTransfer.Datasets;
using OnnxTransfer.Heads;
using OnnxTransfer.Imaging;
using SkiaSharp;

namespace OnnxTransfer.Demo;

/// <summary>The photos of clothes in samples/fashion-mnist, under the names of their classes.</summary>
internal static class FashionMnist
{
    private static readonly string[] Names =
        ["t-shirt", "trouser", "pullover", "dress", "coat", "sandal", "shirt", "sneaker", "bag", "ankle boot"];

    /// <summary>The first images of the IDX pair in a folder, in the order of the file.</summary>
    public static LabelledImages Read(string folder, int count)
    {
        var images = LabelledImages.FromIdx(
            Path.Combine(folder, "t10k-images-idx3-ubyte.gz"), Path.Combine(folder, "t10k-labels-idx1-ubyte.gz"));
        return new LabelledImages("Fashion-MNIST", images.Take(count).Select(image => image with { Label = Name(image.Label!) }));
    }

    /// <summary>The grey values themselves as codes, 0 to 1: what a head can do without a network.</summary>
    public static CodeMatrix Pixels(LabelledImages images)
    {
        var rows = images.Select(image => Decode(image).Pixels.Where((_, i) => i % 3 == 0).Select(grey => grey / 255f).ToArray()).ToList();
        return new CodeMatrix(rows.SelectMany(row => row).ToArray(), rows.Count, rows[0].Length);
    }

    /// <summary>Writes an image as a PNG file.</summary>
    public static void WritePng(LabelledImage image, string path)
    {
        var photo = Decode(image);
        using var bitmap = new SKBitmap(photo.Width, photo.Height);
        for (var i = 0; i < photo.Width * photo.Height; i++)
        {
            var grey = photo.Pixels[3 * i];
            bitmap.SetPixel(i % photo.Width, i / photo.Width, new SKColor(grey, grey, grey));
        }

        using var stream = File.Create(path);
        bitmap.Encode(stream, SKEncodedImageFormat.Png, quality: 100);
    }

    private static string Name(string digit) => Names[int.Parse(digit, CultureInfo.InvariantCulture)];

    private static RgbImage Decode(LabelledImage image) =>
        image.Content.Decode(image.Content.Read(), ImageDecoders.Default, new DecodeOptions());
}
