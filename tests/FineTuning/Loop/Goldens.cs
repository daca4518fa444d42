using System.Security.Cryptography;
using System.Text.Json;
using OnnxTransfer.Imaging;

namespace OnnxTransfer.FineTuning.Tests;

/// <summary>What Pillow, torchvision and PyTorch make of images and schedules: tests/goldens/augmentation.</summary>
internal static class Goldens
{
    private static readonly JsonElement Expected =
        JsonDocument.Parse(File.ReadAllText(Repository.PathOf("tests", "goldens", "augmentation", "expected.json"))).RootElement;

    /// <summary>The cases of one part of expected.json.</summary>
    public static IEnumerable<JsonElement> Cases(string part) => Expected.GetProperty(part).EnumerateArray();

    public static RgbImage Image(string file) =>
        ImageDecoders.Default.Decode(File.ReadAllBytes(Repository.PathOf("tests", "goldens", "imaging", "files", file)), file, new DecodeOptions());

    public static string Digest(RgbImage image) => Convert.ToHexStringLower(SHA256.HashData(image.Pixels));

    /// <summary>An image of random pixels.</summary>
    public static RgbImage Noise(int width, int height, int seed)
    {
        var pixels = new byte[3 * width * height];
        new Random(seed).NextBytes(pixels);
        return new RgbImage(width, height, pixels);
    }
}
