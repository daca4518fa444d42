using System.Buffers.Binary;

namespace OnnxTransfer.FineTuning.Tests.Checkpoints;

public class CheckpointTests
{
    private static readonly SmallConvNet Network = new(statistic: true);
    private string folder = string.Empty;

    private string File => Path.Combine(folder, "run.checkpoint");

    [SetUp]
    public void MakeFolder() => folder = Directory.CreateTempSubdirectory("onnxtransfer-checkpoint-").FullName;

    [TearDown]
    public void RemoveFolder() => Directory.Delete(folder, recursive: true);

    [Test]
    public void What_is_written_is_read([Values(0, 1, 2)] int moments)
    {
        var written = Made(moments);
        written.Write(File, Network.Program);
        Same(Checkpoint.Read(File, Network.Program), written);
        Assert.That(Directory.GetFiles(folder), Has.Length.EqualTo(1));
    }

    [Test]
    public void The_file_is_the_format_of_the_training_engine_with_aligned_numbers()
    {
        Made(2).Write(File, Network.Program);
        var bytes = System.IO.File.ReadAllBytes(File);
        var first = BitConverter.GetBytes(Network.Start.Parameters["conv.weight"][0]).Concat(BitConverter.GetBytes(Network.Start.Parameters["conv.weight"][1])).ToArray();
        Assert.That(bytes.AsSpan(4, 4).ToArray(), Is.EqualTo("ODTC"u8.ToArray()));
        Assert.That(bytes.AsSpan().IndexOf(first) % 8, Is.Zero);
    }

    [Test]
    public void The_same_content_is_the_same_bytes()
    {
        Made(2).Write(File, Network.Program);
        Made(2).Write(File + "2", Network.Program);
        Assert.That(System.IO.File.ReadAllBytes(File + "2"), Is.EqualTo(System.IO.File.ReadAllBytes(File)));
    }

    [Test]
    public void A_file_cut_off_anywhere_is_one_sentence()
    {
        Made(2).Write(File, Network.Program);
        var bytes = System.IO.File.ReadAllBytes(File);
        for (var length = 0; length < bytes.Length; length += 7)
        {
            var cut = bytes[..length];
            Assert.That(Sentences.Of(FailureKind.Data, () => CheckpointReader.Parse(cut, "cut", Network.Program)), Does.StartWith("cut is not a whole checkpoint"), $"{length} bytes");
        }
    }

    [Test]
    public void Without_a_seal_damage_is_one_sentence_where_it_is_seen_and_never_anything_else()
    {
        Made(2).Write(File, Network.Program);
        var bytes = System.IO.File.ReadAllBytes(File);
        bytes[8]++;
        Same(CheckpointReader.Parse(bytes, "open", Network.Program), Made(2));
        var random = new Random(1);
        for (var i = 0; i < 2_000; i++)
        {
            var wrong = bytes[..random.Next(8, bytes.Length + 1)];
            for (var damages = random.Next(4); damages > 0; damages--)
            {
                wrong[random.Next(wrong.Length)] = (byte)random.Next(256);
            }

            Survives(wrong);
        }
    }

    [Test]
    public void A_wrong_byte_anywhere_is_one_sentence_or_changes_nothing()
    {
        var written = Made(1);
        written.Write(File, Network.Program);
        var bytes = System.IO.File.ReadAllBytes(File);
        for (var place = 0; place < bytes.Length; place++)
        {
            var wrong = (byte[])bytes.Clone();
            wrong[place] ^= (byte)(1 << (place % 8));
            if (Survives(wrong) is { } read)
            {
                Same(read, written);
            }
        }
    }

    [Test]
    public void A_foreign_file_is_one_sentence()
    {
        foreach (var content in (byte[][])[[], [1, 2, 3], [.. "ODTCODTCODTC"u8], [.. new byte[4], .. "ODTC"u8], [255, 255, 255, 127, .. "ODTC"u8, 0, 0], Network.Program.Gradients.ToBytes()])
        {
            System.IO.File.WriteAllBytes(File, content);
            Sentences.Fails(FailureKind.Data, () => Checkpoint.Read(File, Network.Program), File, "not a whole checkpoint");
        }

        Sentences.Fails(FailureKind.Data, () => Checkpoint.Read(File + ".none", Network.Program), "There is no checkpoint");
    }

    [Test]
    public void A_later_version_of_the_format_is_one_sentence()
    {
        Made(0).Write(File, Network.Program);
        var bytes = System.IO.File.ReadAllBytes(File);
        var root = BinaryPrimitives.ReadInt32LittleEndian(bytes);
        var fields = root - BinaryPrimitives.ReadInt32LittleEndian(bytes.AsSpan(root));
        bytes[8]++;
        bytes[root + BinaryPrimitives.ReadUInt16LittleEndian(bytes.AsSpan(fields + 4))] = 3;
        Sentences.Fails(FailureKind.Data, () => CheckpointReader.Parse(bytes, "later", Network.Program), "version 3");
    }

    [Test]
    public void A_checkpoint_of_another_model_is_refused()
    {
        Made(0).Write(File, Network.Program);
        var program = Network.Program;
        Refused(program with { Classes = 4 });
        Refused(program with { Parameters = [.. program.Parameters.Skip(1)] });
        Refused(program with { Parameters = [program.Parameters[0] with { Dims = [4, 27] }, .. program.Parameters.Skip(1)] });
        Refused(program with { Statistics = [] });

        void Refused(TrainingProgram other) => Sentences.Fails(FailureKind.Model, () => Checkpoint.Read(File, other), File, "another model");
    }

    [Test]
    public void A_full_disk_is_one_sentence_and_leaves_the_last_checkpoint()
    {
        using var disk = new SmallDisk(Path.Combine(folder, "disk"), "size=16k");
        var path = Path.Combine(folder, "disk", "run.checkpoint");
        Made(2).Write(path, Network.Program);
        var large = Made(2) with { Texts = new Dictionary<string, string> { ["note"] = new('x', 1 << 15) } };
        Sentences.Fails(FailureKind.Machine, () => large.Write(path, Network.Program), "Cannot write", path);
        Same(Checkpoint.Read(path, Network.Program), Made(2));
        Assert.That(Directory.GetFiles(Path.Combine(folder, "disk")), Has.Length.EqualTo(1));
    }

    private static Checkpoint? Survives(byte[] bytes)
    {
        try
        {
            return CheckpointReader.Parse(bytes, "wrong", Network.Program);
        }
        catch (OnnxTransferException e)
        {
            Assert.That(e.Kind, Is.AnyOf(FailureKind.Data, FailureKind.Model), e.Message);
            Assert.That(e.Message, Does.EndWith(".").And.Not.Contain("\n"));
            return null;
        }
    }

    private static Checkpoint Made(int moments) => new()
    {
        State = Network.Start with
        {
            Statistics = new Dictionary<string, float[]> { ["mean"] = [0.5f, -1, float.Epsilon] },
            Moments = moments == 0 ? Network.Start.Moments : Network.Program.Parameters.ToDictionary(
                parameter => parameter.Name,
                parameter => Enumerable.Range(1, moments).Select(m => Network.Start.Parameters[parameter.Name].Select(value => value * m).ToArray()).ToArray()),
            Step = 1L << 40,
        },
        Longs = new Dictionary<string, long> { ["epoch"] = 3, ["least"] = long.MinValue },
        Floats = new Dictionary<string, float> { ["best"] = 0.75f },
        Texts = new Dictionary<string, string> { ["data"] = "Blüten", ["empty"] = string.Empty },
    };

    private static void Same(Checkpoint found, Checkpoint expected) => Assert.Multiple(() =>
    {
        Assert.That(found.State.Parameters, Is.EquivalentTo(expected.State.Parameters));
        Assert.That(found.State.Statistics, Is.EquivalentTo(expected.State.Statistics));
        Assert.That(found.State.Moments, Is.EquivalentTo(expected.State.Moments));
        Assert.That(found.State.Step, Is.EqualTo(expected.State.Step));
        Assert.That(found.Longs, Is.EquivalentTo(expected.Longs));
        Assert.That(found.Floats, Is.EquivalentTo(expected.Floats));
        Assert.That(found.Texts, Is.EquivalentTo(expected.Texts));
    });
}
