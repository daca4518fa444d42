using System.Diagnostics;
using System.Formats.Tar;
using System.Runtime.InteropServices;

namespace OnnxTransfer.Imaging.Tests;

/// <summary>Decode, resize and crop against Pillow, byte for byte, on every photo of the sets in shared/data.</summary>
[Category("Slow")]
public sealed class EveryPhotoTests
{
    private const string Python = "/usr/bin/python3";

    [TestCase("flowers12")]
    [TestCase("signdigits10")]
    [TestCase("textures10")]
    [TestCase("cifar10small")]
    [TestCase("tinyimagenet200small")]
    public void Every_photo_has_the_bytes_of_Pillow(string set)
    {
        var tar = SharedFiles.Path($"data/{set}.tar");
        if (!HasPillow())
        {
            Assert.Ignore($"needs {Python} with Pillow");
        }

        var folder = Directory.CreateTempSubdirectory("onnxtransfer-imaging-");
        try
        {
            TarFile.ExtractToDirectory(tar, folder.FullName, overwriteFiles: false);
            string[] photos = [.. Directory.GetFiles(folder.FullName, "*", SearchOption.AllDirectories).Order(StringComparer.Ordinal)];
            Assert.That(photos, Is.Not.Empty);
            var (bytes, differing) = Compare(photos);
            TestContext.Out.WriteLine($"{set}: {photos.Length} images, {bytes} bytes compared, {differing} differ");
            Assert.That(differing, Is.Zero);
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    private static bool HasPillow()
    {
        if (!File.Exists(Python))
        {
            return false;
        }

        using var python = Process.Start(new ProcessStartInfo(Python, ["-c", "import PIL"]) { RedirectStandardError = true })!;
        python.WaitForExit();
        return python.ExitCode == 0;
    }

    private static (long Bytes, long Differing) Compare(string[] photos)
    {
        var start = new ProcessStartInfo(Python, [Path.Combine(Goldens.Folder, "pixels_of_pillow.py")])
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
        };
        using var python = Process.Start(start)!;
        var names = Task.Run(() =>
        {
            using var input = python.StandardInput;
            foreach (var photo in photos)
            {
                input.WriteLine(photo);
            }
        });
        var output = python.StandardOutput.BaseStream;
        var recipe = Recipe.Named("imagenet");
        Preprocessor[] squares = [new(recipe), new(recipe with { Filter = ResizeFilter.Bicubic })];
        var (bytes, differing) = (0L, 0L);
        foreach (var photo in photos)
        {
            var image = ImageDecoders.Default.Decode(File.ReadAllBytes(photo), photo, new DecodeOptions());
            var sizes = MemoryMarshal.Cast<byte, int>(Read(output, 12)).ToArray();
            Assert.That((image.Width, image.Height, recipe.Size), Is.EqualTo((sizes[0], sizes[1], sizes[2])), photo);
            foreach (var ours in (RgbImage[])[image, .. squares.Select(square => square.Geometry(image))])
            {
                var theirs = Read(output, ours.Pixels.Length);
                bytes += theirs.Length;
                differing += theirs.AsSpan().SequenceEqual(ours.Pixels) ? 0 : theirs.Zip(ours.Pixels).Count(pair => pair.First != pair.Second);
            }
        }

        names.Wait();
        python.WaitForExit();
        Assert.That(python.ExitCode, Is.Zero);
        return (bytes, differing);
    }

    private static byte[] Read(Stream stream, int length)
    {
        var bytes = new byte[length];
        stream.ReadExactly(bytes);
        return bytes;
    }
}
