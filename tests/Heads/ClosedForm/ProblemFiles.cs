namespace OnnxTransfer.Heads.Tests;

/// <summary>A folder with <c>X.npy</c> and <c>y.npy</c> for a script to read; it is gone afterwards.</summary>
internal sealed class ProblemFiles : IDisposable
{
    public ProblemFiles(CodeMatrix codes, int[] truth)
    {
        Npy.Write(Path.Combine(Folder, "X.npy"), codes);
        Npy.Write(Path.Combine(Folder, "y.npy"), truth);
    }

    public string Folder { get; } = Directory.CreateTempSubdirectory("onnxtransfer-closed-form-").FullName;

    public void Dispose() => Directory.Delete(Folder, recursive: true);
}
