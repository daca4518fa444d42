using System.IO.Compression;
using System.Runtime.InteropServices;
using System.Text;

namespace OnnxTransfer.Engine.Tests;

/// <summary>
/// Codes of seven photos that were computed without ONNX Runtime: shared/models/goldens.npz, a zip of .npy files. Keys
/// MODEL|TAP|POOLING with '/' written as '~'; the pooling "all" is every value of the tensor.
/// </summary>
internal sealed class Goldens
{
    private readonly Dictionary<string, float[]> codes = new(StringComparer.Ordinal);

    public Goldens(string path)
    {
        using var archive = ZipFile.OpenRead(path);
        foreach (var entry in archive.Entries)
        {
            using var stream = entry.Open();
            using var memory = new MemoryStream();
            stream.CopyTo(memory);
            var (header, data) = Split(memory.ToArray());
            var name = Path.ChangeExtension(entry.FullName, null);
            if (name == "files")
            {
                var length = int.Parse(header.Split("<U")[1].Split('\'')[0], System.Globalization.CultureInfo.InvariantCulture);
                Files = [.. data.Chunk(4 * length).Select(text => Encoding.UTF32.GetString(text).TrimEnd('\0'))];
            }
            else
            {
                Assert.That(header, Does.Contain("'<f4'").And.Contain("'fortran_order': False"), name);
                codes[name] = MemoryMarshal.Cast<byte, float>(data).ToArray();
            }
        }
    }

    /// <summary>The photos, as paths below the folder of the unpacked sets.</summary>
    public string[] Files { get; } = [];

    /// <summary>Tap, pooling and codes (photos x channels) of a model.</summary>
    public IEnumerable<(string Tap, Pooling Pooling, float[] Codes)> Of(string model) => codes
        .Select(code => (Parts: code.Key.Split('|'), code.Value))
        .Where(code => code.Parts[0] == model)
        .Select(code => (code.Parts[1].Replace('~', '/'), code.Parts[2] == "all" ? Pooling.Flatten : PoolingNames.Parse(code.Parts[2]), code.Value));

    private static (string Header, byte[] Data) Split(byte[] npy)
    {
        var length = npy[8] | (npy[9] << 8);
        return (Encoding.ASCII.GetString(npy, 10, length), npy[(10 + length)..]);
    }
}
