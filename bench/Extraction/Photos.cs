using System.Formats.Tar;
using OnnxTransfer.Datasets;

namespace OnnxTransfer.Bench.Extraction;

/// <summary>The first photos of a tar, unpacked for as long as the bench runs.</summary>
internal sealed class Photos : IDisposable
{
    private readonly string folder = Directory.CreateTempSubdirectory("onnxtransfer-bench-").FullName;

    public Photos(string tar, int count)
    {
        TarFile.ExtractToDirectory(tar, folder, overwriteFiles: false);
        Images = LabelledImages.FromFolder(Path.Combine(folder, Path.GetFileNameWithoutExtension(tar))).Take(count);
    }

    public LabelledImages Images { get; }

    public string NewStore() => Path.Combine(folder, Path.GetRandomFileName());

    public void Dispose() => Directory.Delete(folder, recursive: true);
}
