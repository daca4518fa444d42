using SkiaSharp;

namespace OnnxTransfer.Cli.Tests;

/// <summary>A folder with small made-up photos in it that is gone afterwards.</summary>
internal sealed class Photos : IDisposable
{
    /// <summary>Three classes that any network tells apart: stripes, discs, checks, in random colours.</summary>
    public static readonly string[] Classes = ["checks", "discs", "stripes"];

    public string Root { get; } = Directory.CreateTempSubdirectory("onnxtransfer-cli-").FullName;

    public string this[string relative] => Path.Combine(Root, relative);

    /// <summary>Makes <paramref name="each"/> photos of every class below a folder and returns its path.</summary>
    public string Folder(string name, int each, int seed = 1)
    {
        var random = new Random(seed);
        foreach (var kind in Classes)
        {
            Directory.CreateDirectory(Path.Combine(Root, name, kind));
            for (var i = 0; i < each; i++)
            {
                File.WriteAllBytes(Path.Combine(Root, name, kind, $"{i:D2}.jpg"), Jpeg(kind, random));
            }
        }

        return this[name];
    }

    public string Write(string relative, byte[] bytes)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(this[relative])!);
        File.WriteAllBytes(this[relative], bytes);
        return this[relative];
    }

    public string Write(string relative, string text) => Write(relative, System.Text.Encoding.UTF8.GetBytes(text));

    public static byte[] Jpeg(string kind, Random random)
    {
        using var bitmap = new SKBitmap(96, 80);
        using var canvas = new SKCanvas(bitmap);
        canvas.Clear(Colour(random));
        using var paint = new SKPaint { Color = Colour(random) };
        var step = random.Next(10, 20);
        for (var y = 0; y < 80; y += step)
        {
            for (var x = 0; x < 96; x += step)
            {
                switch (kind)
                {
                    case "stripes":
                        canvas.DrawRect(0, y, 96, step / 2f, paint);
                        break;
                    case "discs":
                        canvas.DrawCircle(x, y, step / 3f, paint);
                        break;
                    case "checks" when (x / step) % 2 == (y / step) % 2:
                        canvas.DrawRect(x, y, step, step, paint);
                        break;
                }
            }
        }

        canvas.Flush();
        using var image = SKImage.FromBitmap(bitmap);
        using var data = image.Encode(SKEncodedImageFormat.Jpeg, 90);
        return data.ToArray();
    }

    public void Dispose() => Directory.Delete(Root, recursive: true);

    private static SKColor Colour(Random random) => new((byte)random.Next(256), (byte)random.Next(256), (byte)random.Next(256));
}
