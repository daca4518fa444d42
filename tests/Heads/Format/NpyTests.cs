using System.Buffers.Binary;
using System.Text;
using CsCheck;

namespace OnnxTransfer.Heads.Tests;

public class NpyTests
{
    private string folder = null!;

    [SetUp]
    public void MakeFolder() => folder = Directory.CreateTempSubdirectory("npy").FullName;

    [TearDown]
    public void DeleteFolder() => Directory.Delete(folder, recursive: true);

    [Test]
    public void What_is_written_is_read_back()
    {
        var (codes, truth) = Problems.Make(37, 5, 3, 1);
        Npy.Write(InFolder("X.npy"), codes);
        Npy.Write(InFolder("y.npy"), truth);
        var read = Npy.ReadCodes(InFolder("X.npy"));
        Assert.That((read.Rows, read.Columns), Is.EqualTo((37, 5)));
        Assert.That(read.Values.ToArray(), Is.EqualTo(codes.Values.ToArray()));
        Assert.That(Npy.ReadLabels(InFolder("y.npy")), Is.EqualTo(truth));
        Npy.Write(InFolder("W.npy"), new double[] { 0.1, -2, 1e10, 4, 5, 6 }, 2, 3);
        Assert.That(Npy.ReadCodes(InFolder("W.npy")).Values.ToArray(), Is.EqualTo(new[] { 0.1f, -2, 1e10f, 4, 5, 6 }));
        Assert.That(Directory.GetFiles(folder), Has.Length.EqualTo(3));
    }

    [Test]
    public void Numbers_begin_at_a_multiple_of_64_bytes()
    {
        Npy.Write(InFolder("y.npy"), [1, 2]);
        Assert.That((new FileInfo(InFolder("y.npy")).Length - 16) % 64, Is.Zero);
    }

    [Test]
    public void NumPys_files_are_read_and_ours_are_read_by_NumPy()
    {
        Python.Run(
            """
            import numpy as np, sys
            d = sys.argv[1] + "/"
            x = np.arange(12, dtype=np.float32).reshape(4, 3) / 8
            np.save(d + "f4", x); np.save(d + "f8", x.astype(np.float64))
            for t in "i1 u1 i2 u2 i4 u4 i8 u8".split(): np.save(d + t, np.array([3, 0, 100], t))
            for v in (1, 0), (2, 0), (3, 0):
                with open(d + "v%d.npy" % v[0], "wb") as f: np.lib.format.write_array(f, x, version=v)
            """,
            folder);
        var expected = Enumerable.Range(0, 12).Select(static i => i / 8f);
        foreach (var name in new[] { "f4", "f8", "v1", "v2", "v3" })
        {
            Assert.That(Npy.ReadCodes(InFolder(name + ".npy")).Values.ToArray(), Is.EqualTo(expected), name);
        }

        foreach (var type in new[] { "i1", "u1", "i2", "u2", "i4", "u4", "i8", "u8" })
        {
            Assert.That(Npy.ReadLabels(InFolder(type + ".npy")), Is.EqualTo(new[] { 3, 0, 100 }), type);
        }

        var (codes, truth) = Problems.Make(7, 5, 3, 1);
        Npy.Write(InFolder("X.npy"), codes);
        Npy.Write(InFolder("y.npy"), truth);
        Npy.Write(InFolder("W.npy"), new double[] { 0.1, 2, 3, 4 }, 2, 2);
        var said = Python.Run(
            """
            import numpy as np, sys
            x, y, w = (np.load(sys.argv[1] + "/" + n + ".npy") for n in "XyW")
            print(x.dtype, x.shape, y.dtype, y.shape, w.dtype, w.tolist(), x.sum(dtype=float) == float(sys.argv[2]))
            """,
            folder, codes.Values.ToArray().Sum(static value => (double)value).ToString("R"));
        Assert.That(said.Trim(), Is.EqualTo("float32 (7, 5) int64 (7,) float64 [[0.1, 2.0], [3.0, 4.0]] True"));
    }

    [TestCase("<f4", "False", "(2, 3)", 23, "24 bytes")]
    [TestCase("<f4", "False", "(2, 3)", 25, "24 bytes")]
    [TestCase("<f4", "False", "(2147483647, 2147483647)", 8, "numbers that fit")]
    [TestCase("<f4", "False", "(9223372036854775807, 2)", 8, "numbers that fit")]
    [TestCase("<f4", "False", "(99999999999999999999, 2)", 8, "axis")]
    [TestCase("<f4", "False", "(2, 0)", 0, "no numbers")]
    [TestCase("<f4", "False", "(6,)", 24, "1 axes")]
    [TestCase("<f4", "True", "(2, 3)", 24, "Fortran")]
    [TestCase(">f4", "False", "(2, 3)", 24, ">f4")]
    [TestCase("<i4", "False", "(2, 3)", 24, "<i4")]
    [TestCase("|O", "False", "(2, 3)", 24, "dictionary")]
    [TestCase("<f4", "Maybe", "(2, 3)", 24, "dictionary")]
    [TestCase("<f4", "False", "(2, -3)", 24, "dictionary")]
    public void A_header_that_lies_is_one_sentence(string type, string order, string shape, int bytes, string words)
    {
        WriteFile($"{{'descr': '{type}', 'fortran_order': {order}, 'shape': {shape}, }}", bytes);
        Sentences.Fails(FailureKind.Data, () => Npy.ReadCodes(InFolder("bad.npy")), "bad.npy", words);
    }

    [Test]
    public void Labels_must_be_indices()
    {
        WriteFile("{'descr': '<f4', 'fortran_order': False, 'shape': (2,), }", 8);
        Sentences.Fails(FailureKind.Data, () => Npy.ReadLabels(InFolder("bad.npy")), "<f4", "integers");
        WriteFile("{'descr': '<i8', 'fortran_order': False, 'shape': (1,), }", 8, 0xff);
        Assert.That(Npy.ReadLabels(InFolder("bad.npy")), Is.EqualTo(new[] { -1 }));
        WriteFile("{'descr': '<u8', 'fortran_order': False, 'shape': (1,), }", 8, 0xff);
        Sentences.Fails(FailureKind.Data, () => Npy.ReadLabels(InFolder("bad.npy")), "label 0", "18446744073709551615");
    }

    [Test]
    public void NumPys_matrices_of_labels_and_vectors_of_numbers_are_read()
    {
        Python.Run(
            """
            import numpy as np, sys
            d = sys.argv[1] + "/"
            y = np.array([[0, 1, 1], [0, 0, 0], [1, 0, 0], [1, 1, 1]])
            for t in "bool i1 u1 i2 u2 i4 u4 i8 u8".split(): np.save(d + t, y.astype(t))
            for t in "f4 f8".split(): np.save(d + t, np.array([0, 0.5, 3e5, np.nan, -1], t))
            """,
            folder);
        foreach (var type in new[] { "bool", "i1", "u1", "i2", "u2", "i4", "u4", "i8", "u8" })
        {
            Assert.That(Npy.ReadShape(InFolder(type + ".npy")), Is.EqualTo(new[] { 4, 3 }), type);
            var (sets, labels) = Npy.ReadLabelSets(InFolder(type + ".npy"));
            Assert.That(labels, Is.EqualTo(3), type);
            Assert.That(sets, Is.EqualTo(new[] { new[] { 1, 2 }, [], [0], [0, 1, 2] }), type);
        }

        Assert.That(Npy.ReadNumbers(InFolder("f4.npy")), Is.EqualTo(new[] { 0, 0.5, 3e5, double.NaN, -1 }));
        Assert.That(Npy.ReadNumbers(InFolder("f8.npy")), Is.EqualTo(new[] { 0, 0.5, 3e5, double.NaN, -1 }));
    }

    [TestCase("|u1", "(2, 3)", 6, 2, "column 0 of row 0", "is 2")]
    [TestCase("|i1", "(2, 3)", 6, 255, "column 0 of row 0", "is -1")]
    [TestCase("|b1", "(2, 3)", 6, 7, "column 0 of row 0", "is 7")]
    [TestCase("<f4", "(2, 3)", 24, 0, "<f4", "bool")]
    [TestCase("|u1", "(6,)", 6, 0, "1 axes", "two")]
    [TestCase("|u1", "(2, 0)", 0, 0, "no column", "each label")]
    [TestCase("|u1", "(2, 3)", 5, 0, "6 bytes", "5 follow")]
    public void A_matrix_of_labels_holds_0_and_1(string type, string shape, int bytes, int filler, params string[] words)
    {
        WriteFile($"{{'descr': '{type}', 'fortran_order': False, 'shape': {shape}, }}", bytes, (byte)filler);
        Sentences.Fails(FailureKind.Data, () => Npy.ReadLabelSets(InFolder("bad.npy")), ["bad.npy", .. words]);
    }

    [TestCase("<i8", "(2,)", 16, "<i8", "float64")]
    [TestCase("<f4", "(2, 1)", 8, "2 axes", "one")]
    [TestCase("<f8", "(2,)", 15, "16 bytes", "15 follow")]
    public void A_vector_of_numbers_is_floating_point(string type, string shape, int bytes, params string[] words)
    {
        WriteFile($"{{'descr': '{type}', 'fortran_order': False, 'shape': {shape}, }}", bytes);
        Sentences.Fails(FailureKind.Data, () => Npy.ReadNumbers(InFolder("bad.npy")), ["bad.npy", .. words]);
    }

    [Test]
    public void What_is_no_array_is_said_so()
    {
        File.WriteAllText(InFolder("bad.npy"), "hello, world");
        Sentences.Fails(FailureKind.Data, () => Npy.ReadCodes(InFolder("bad.npy")), "does not begin");
        File.WriteAllBytes(InFolder("bad.npy"), []);
        Sentences.Fails(FailureKind.Data, () => Npy.ReadCodes(InFolder("bad.npy")), "does not begin");
        File.WriteAllBytes(InFolder("bad.npy"), [0x93, .. "NUMPY"u8, 9, 0, 1, 0]);
        Sentences.Fails(FailureKind.Data, () => Npy.ReadCodes(InFolder("bad.npy")), "version");
        File.WriteAllBytes(InFolder("bad.npy"), [0x93, .. "NUMPY"u8, 2, 0, 0xff, 0xff, 0xff, 0xff]);
        Sentences.Fails(FailureKind.Data, () => Npy.ReadCodes(InFolder("bad.npy")), "4294967295");
        Sentences.Fails(FailureKind.Data, () => Npy.ReadCodes(InFolder("none.npy")), "no file");
        Sentences.Fails(FailureKind.Machine, () => Npy.ReadCodes(folder), "Cannot read");
    }

    [Test]
    public void Numbers_beyond_float32_are_said_so()
    {
        Npy.Write(InFolder("X.npy"), new[] { 1, double.PositiveInfinity, 3e38, -4e38 }, 2, 2);
        Sentences.Fails(FailureKind.Data, () => Npy.ReadCodes(InFolder("X.npy")), "number 1 of code 1", "-4E+38", "too large for float32");
    }

    [Test]
    public void A_pipe_or_a_device_is_one_sentence()
    {
        if (OperatingSystem.IsWindows())
        {
            Assert.Ignore("needs Unix");
        }

        System.Diagnostics.Process.Start("mkfifo", InFolder("pipe.npy")).WaitForExit();
        Sentences.Fails(FailureKind.Data, () => Npy.ReadCodes(InFolder("pipe.npy")), "pipe.npy", "a pipe or a device");
        Sentences.Fails(FailureKind.Data, () => Npy.ReadLabels("/dev/null"), "/dev/null", "a pipe or a device");
    }

    [Test]
    public void No_damage_to_a_file_makes_another_failure_than_a_sentence()
    {
        Npy.Write(InFolder("X.npy"), Problems.Make(4, 3, 2, 1).Codes);
        var good = File.ReadAllBytes(InFolder("X.npy"));
        Gen.Select(Gen.Int[0, good.Length - 1], Gen.Byte, Gen.Int[0, good.Length]).Sample((at, value, length) =>
        {
            var damaged = (byte[])good.Clone();
            damaged[at] = value;
            File.WriteAllBytes(InFolder("damaged.npy"), damaged[..(length < 8 ? length : good.Length)]);
            try
            {
                Npy.ReadCodes(InFolder("damaged.npy"));
            }
            catch (OnnxTransferException e)
            {
                Assert.That(e.Kind, Is.EqualTo(FailureKind.Data));
            }
        }, threads: 1, iter: 400);
    }

    private string InFolder(string name) => Path.Combine(folder, name);

    private void WriteFile(string header, int bytes, byte fill = 0)
    {
        var length = new byte[2];
        BinaryPrimitives.WriteUInt16LittleEndian(length, (ushort)header.Length);
        var content = new byte[bytes];
        Array.Fill(content, fill);
        File.WriteAllBytes(InFolder("bad.npy"), [0x93, .. "NUMPY"u8, 1, 0, .. length, .. Encoding.ASCII.GetBytes(header), .. content]);
    }
}
