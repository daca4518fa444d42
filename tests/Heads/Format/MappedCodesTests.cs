namespace OnnxTransfer.Heads.Tests;

public class MappedCodesTests
{
    private string folder = null!;

    private string File => Path.Combine(folder, "X.npy");

    [SetUp]
    public void MakeFolder() => folder = Directory.CreateTempSubdirectory("mapped").FullName;

    [TearDown]
    public void DeleteFolder() => Directory.Delete(folder, recursive: true);

    [Test]
    public void Mapped_numbers_are_those_that_are_read()
    {
        Npy.Write(File, Problems.Make(370, 51, 3, 1).Codes);
        var read = Npy.ReadCodes(File);
        using var mapped = Npy.MapCodes(File);
        Assert.That((mapped.Matrix.Rows, mapped.Matrix.Columns, mapped.Matrix.IsMapped), Is.EqualTo((370, 51, true)));
        Assert.That(mapped.Matrix.Values.ToArray(), Is.EqualTo(read.Values.ToArray()));
        Assert.That(read.IsMapped, Is.False);
    }

    [Test]
    public void Float64_is_read_and_rounded()
    {
        Npy.Write(File, new[] { 0.1, -2, 1e10, 4 }, 2, 2);
        using var mapped = Npy.MapCodes(File);
        Assert.That(mapped.Matrix.IsMapped, Is.False);
        Assert.That(mapped.Matrix.Values.ToArray(), Is.EqualTo(new[] { 0.1f, -2, 1e10f, 4 }));
    }

    [TestCase(-1, "12 bytes", "11 follow")]
    [TestCase(-12, "12 bytes", "0 follow")]
    [TestCase(1, "12 bytes", "13 follow")]
    [TestCase(-80, "within its header")]
    public void A_file_of_another_length_than_its_header_says_is_refused(int change, params string[] words)
    {
        Npy.Write(File, new CodeMatrix(new float[] { 1, 2, 3 }, 1, 3));
        using (var stream = new FileStream(File, FileMode.Open))
        {
            stream.SetLength(stream.Length + change);
        }

        Sentences.Fails(FailureKind.Data, () => Npy.MapCodes(File), ["X.npy", .. words]);
    }

    [Test]
    public void Files_that_cannot_be_mapped_are_one_sentence()
    {
        Npy.Write(File, new CodeMatrix(ReadOnlyMemory<float>.Empty, 0, 3));
        Sentences.Fails(FailureKind.Data, () => Npy.MapCodes(File), "holds no codes");
        Sentences.Fails(FailureKind.Data, () => Npy.MapCodes(File + ".none"), "no file");
        Npy.Write(File, new CodeMatrix(new float[] { 1, 2, 3 }, 1, 3));
        var bytes = System.IO.File.ReadAllBytes(File);
        System.IO.File.WriteAllBytes(File, [.. bytes[..8], (byte)(bytes[8] + 1), .. bytes[9..127], .. "  "u8, .. bytes[128..]]);
        Sentences.Fails(FailureKind.Data, () => Npy.MapCodes(File), "no multiple of 4");
        Assert.That(Npy.ReadCodes(File).Values.ToArray(), Is.EqualTo(new float[] { 1, 2, 3 }));
    }

    [Test]
    public void Disposing_releases_the_file_and_the_numbers()
    {
        Npy.Write(File, Problems.Make(40, 5, 3, 1).Codes);
        var mapped = Npy.MapCodes(File);
        Assert.That(IsMapped(), Is.True);
        mapped.Dispose();
        mapped.Dispose();
        Assert.That(IsMapped(), Is.False);
        Assert.Throws<ObjectDisposedException>(() => mapped.Matrix.Row(0));
        Assert.Throws<ObjectDisposedException>(() => mapped.Matrix.Values.Pin());
    }

    [Test]
    public void A_pass_that_is_under_way_keeps_the_file_mapped()
    {
        Npy.Write(File, Problems.Make(40, 5, 3, 1).Codes);
        var mapped = Npy.MapCodes(File);
        using (mapped.Matrix.Values.Pin())
        {
            mapped.Dispose();
            Assert.That(IsMapped(), Is.True);
        }

        Assert.That(IsMapped(), Is.False);
    }

    private bool IsMapped()
    {
        if (!OperatingSystem.IsLinux())
        {
            Assert.Ignore("needs Linux's list of a process's mappings");
        }

        return System.IO.File.ReadLines("/proc/self/maps").Any(line => line.EndsWith(File, StringComparison.Ordinal));
    }
}
