using System.Security.Cryptography;
using System.Text.Json;

namespace OnnxTransfer.Imaging.Tests;

/// <summary>The files in tests/goldens/imaging and what Pillow makes of them.</summary>
internal static class Goldens
{
    private static readonly JsonElement Expected = JsonDocument.Parse(File.ReadAllText(Path.Combine(Folder, "expected.json"))).RootElement;

    /// <summary>The folder of the goldens and their scripts.</summary>
    public static string Folder => Repository.PathOf("tests", "goldens", "imaging");

    /// <summary>The names of all golden image files.</summary>
    public static IEnumerable<string> Files => Directory.GetFiles(Path.Combine(Folder, "files")).Select(path => Path.GetFileName(path)).Order(StringComparer.Ordinal);

    /// <summary>The cases of one part of expected.json.</summary>
    public static IEnumerable<JsonElement> Cases(string part) => Expected.GetProperty(part).EnumerateArray();

    public static string Text(this JsonElement golden, string field) => golden.GetProperty(field).GetString()!;

    public static int Whole(this JsonElement golden, string field) => golden.GetProperty(field).GetInt32();

    public static byte[] Bytes(string file) => File.ReadAllBytes(Path.Combine(Folder, "files", file));

    public static RgbImage Decode(string file) => ImageDecoders.Default.Decode(Bytes(file), file, new DecodeOptions());

    public static string Digest(RgbImage image) => Convert.ToHexStringLower(SHA256.HashData(image.Pixels));
}
