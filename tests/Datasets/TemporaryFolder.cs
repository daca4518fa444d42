namespace OnnxTransfer.Datasets.Tests;

/// <summary>A fresh folder that a test fills and that is gone afterwards.</summary>
internal sealed class TemporaryFolder : IDisposable
{
    public string Path { get; } = Directory.CreateTempSubdirectory("onnxtransfer-datasets-").FullName;

    public string this[string relative] => System.IO.Path.Combine(Path, relative);

    /// <summary>Makes files that only have a name: reading a set opens no image.</summary>
    public TemporaryFolder With(params string[] files)
    {
        foreach (var file in files)
        {
            Write(file, string.Empty);
        }

        return this;
    }

    public string Write(string relative, string text)
    {
        var path = this[relative];
        Directory.CreateDirectory(System.IO.Path.GetDirectoryName(path)!);
        File.WriteAllText(path, text);
        return path;
    }

    public string Write(string relative, byte[] bytes)
    {
        File.WriteAllBytes(this[relative], bytes);
        return this[relative];
    }

    public void Dispose() => Directory.Delete(Path, recursive: true);
}
