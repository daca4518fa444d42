using Apache.Arrow;
using Apache.Arrow.Ipc;
using OnnxTransfer.Heads;

namespace OnnxTransfer.Engine.Tests;

public class CodesTests
{
    private static readonly ExtractionOptions Blocks = new() { BlockRows = 7 };

    [Test]
    public void A_store_tells_what_is_in_it()
    {
        using var net = new SmallNetwork(photos: 20);
        using var codes = Extract(net);
        Assert.Multiple(() =>
        {
            Assert.That(codes.Columns, Is.EqualTo([new CodeColumn("second", Pooling.Average, 6), new CodeColumn("second", Pooling.Maximum, 6), new CodeColumn("first", Pooling.Grid2, 16)]));
            Assert.That(codes.Ids, Is.EqualTo(net.Images.Select(image => image.Id)));
            Assert.That(codes.Labels, Is.EqualTo(net.Images.Select(image => image.Label)));
            Assert.That(codes.Skipped, Is.Empty);
            Assert.That(codes.Header.Model, Is.EqualTo("net.onnx"));
            Assert.That(codes.Header.ModelPath, Is.EqualTo(net.Model));
            Assert.That(codes.Header.Key, Has.Length.EqualTo(64));
            Assert.That(codes.Proof!.LargestDifference, Is.LessThan(1e-5));
        });
    }

    [Test]
    public void Rows_are_read_in_any_order_across_blocks()
    {
        using var net = new SmallNetwork(photos: 20);
        using var codes = Extract(net);
        var column = codes.Column("first", null);
        var all = codes.Read(column);
        int[] rows = [19, 0, 7, 6, 7, 13, 14, 1];
        Assert.Multiple(() =>
        {
            Assert.That((all.Rows, all.Columns), Is.EqualTo((20, 16)));
            Assert.That(codes.Read(column, rows).Values.ToArray(), Is.EqualTo(all.Select(rows).Values.ToArray()));
            Assert.That(codes.Read(column, []).Rows, Is.Zero);
            Assert.Throws<ArgumentOutOfRangeException>(() => codes.Read(column, [20]));
            Assert.Throws<ArgumentOutOfRangeException>(() => codes.Read(column, [-1]));
            Assert.Throws<ArgumentOutOfRangeException>(() => codes.Read(new CodeColumn("third", Pooling.Average, 3)));
        });
    }

    [Test]
    public void Joined_columns_stand_one_behind_the_other_in_every_row()
    {
        using var net = new SmallNetwork(photos: 20);
        using var codes = Extract(net);
        int[] rows = [19, 0, 7];
        var columns = codes.Join(["first", "second"], [Pooling.Grid2, Pooling.Maximum]);
        var (first, second, joined) = (codes.Read(columns[0], rows), codes.Read(columns[1], rows), codes.Read(columns, rows));
        Assert.That((joined.Rows, joined.Columns), Is.EqualTo((3, first.Columns + second.Columns)));
        for (var row = 0; row < rows.Length; row++)
        {
            Assert.That(joined.Row(row).ToArray(), Is.EqualTo([.. first.Row(row), .. second.Row(row)]));
        }
    }

    [Test]
    public void Columns_to_join_are_named_by_taps_and_poolings_or_both()
    {
        using var net = new SmallNetwork(photos: 2);
        using var codes = Extract(net);
        Assert.Multiple(() =>
        {
            Assert.That(codes.Join(["second"], [Pooling.Maximum, Pooling.Average]), Is.EqualTo(new[] { codes.Columns[1], codes.Columns[0] }));
            Assert.That(codes.Join(null, [Pooling.Grid2, Pooling.Maximum]), Is.EqualTo(new[] { codes.Columns[2], codes.Columns[1] }));
            Assert.That(codes.Join(["first"], null), Is.EqualTo(new[] { codes.Columns[2] }));
            Sentences.Fails(FailureKind.Usage, () => codes.Join(["first", "second"], null), "several columns");
            Sentences.Fails(FailureKind.Usage, () => codes.Join(["second", "second"], [Pooling.Maximum]), "second|max", "twice");
        });
    }

    [Test]
    public void Columns_are_found_where_the_choice_is_clear()
    {
        using var net = new SmallNetwork(photos: 2);
        using var codes = Extract(net);
        Assert.Multiple(() =>
        {
            Assert.That(codes.Column("second", Pooling.Maximum), Is.EqualTo(codes.Columns[1]));
            Assert.That(codes.Column("second/Relu", Pooling.Maximum), Is.EqualTo(codes.Columns[1]), "a node's name");
            Assert.That(codes.Column(null, Pooling.Grid2), Is.EqualTo(codes.Columns[2]));
            Assert.That(Sentences.Failure(FailureKind.Usage, () => codes.Column("second", null)).Message, Does.Contain("several").And.Contain("second|max"));
            Assert.That(Sentences.Failure(FailureKind.Usage, () => codes.Column("third", null)).Message, Does.Contain("no column").And.Contain("first|grid2"));
            Sentences.Failure(FailureKind.Usage, () => _ = codes.Matrix);
        });
    }

    [Test]
    public void A_temporary_store_goes_with_the_codes()
    {
        using var net = new SmallNetwork(photos: 6);
        using var backbone = net.Load();
        var codes = backbone.Extract(net.Images, backbone.Tap("second"));
        CodeMatrix matrix = codes.Matrix;
        Assert.That(Directory.Exists(codes.Path), Is.True);
        codes.Dispose();
        Assert.Multiple(() =>
        {
            Assert.That(Directory.Exists(codes.Path), Is.False);
            Assert.That(matrix.Row(5).ToArray(), Has.Length.EqualTo(6));
            Assert.Throws<ObjectDisposedException>(() => codes.Read(codes.Columns[0]));
        });
    }

    [Test]
    public void A_block_is_a_plain_arrow_file()
    {
        using var net = new SmallNetwork(photos: 10);
        using var codes = Extract(net);
        using var stream = File.OpenRead(Directory.GetFiles(net["store/blocks"]).Order().First());
        using var reader = new ArrowFileReader(stream);
        using var batch = reader.ReadNextRecordBatch();
        var lists = (FixedSizeListArray)batch.Column("second|max");
        Assert.Multiple(() =>
        {
            Assert.That(batch.Schema.FieldsList.Select(field => field.Name), Is.EqualTo(["id", "label", "split", "content", "second|avg", "second|max", "first|grid2"]));
            Assert.That(batch.Length, Is.EqualTo(7));
            Assert.That(((StringArray)batch.Column("label")).GetString(6), Is.EqualTo("odd"));
            Assert.That(((FloatArray)lists.Values).Values.ToArray(), Is.EqualTo(codes.Read(codes.Columns[1], [0, 1, 2, 3, 4, 5, 6]).Values.ToArray()));
        });
    }

    [Test]
    public void What_is_no_store_or_not_finished_is_refused()
    {
        using var net = new SmallNetwork(photos: 6);
        Assert.Multiple(() =>
        {
            Assert.That(Sentences.Failure(FailureKind.Data, () => Codes.Open(net.Photos)).Message, Does.Contain("no store"));
            Assert.That(Sentences.Failure(FailureKind.Data, () => Codes.Open(net["nowhere"])).Message, Does.Contain("no store"));
        });
        Extract(net).Dispose();
        File.Delete(net["store/skipped.jsonl"]);
        Assert.That(Sentences.Failure(FailureKind.Data, () => Codes.Open(net.Store)).Message, Does.Contain("not finished"));
    }

    [Test]
    public void A_flipped_bit_is_found_when_codes_are_read()
    {
        using var net = new SmallNetwork(photos: 20);
        Extract(net).Dispose();
        var block = Directory.GetFiles(net["store/blocks"]).Order().ElementAt(1);
        var bytes = File.ReadAllBytes(block);
        bytes[^1200] ^= 4;
        File.WriteAllBytes(block, bytes);
        using var codes = Codes.Open(net.Store);
        Assert.Multiple(() =>
        {
            Assert.That(Sentences.Failure(FailureKind.Data, () => codes.Read(codes.Columns[0])).Message, Does.Contain(block));
            Sentences.Failure(FailureKind.Data, codes.Verify);
            Assert.That(codes.Read(codes.Columns[0], [0, 6]).Rows, Is.EqualTo(2), "the other blocks are whole");
        });
    }

    // Whatever byte is damaged or wherever a file ends: a sentence, or codes whose blocks do not pass verification.
    [Test]
    public void Damaged_blocks_never_do_worse_than_a_sentence()
    {
        using var net = new SmallNetwork(photos: 5);
        Extract(net).Dispose();
        var block = Directory.GetFiles(net["store/blocks"]).Single();
        var bytes = File.ReadAllBytes(block);
        var random = new Random(7);
        for (var trial = 0; trial < 300; trial++)
        {
            var damaged = trial % 3 == 0 ? bytes[..random.Next(bytes.Length)] : [.. bytes];
            for (var flips = trial % 3 == 0 ? 0 : 1 + random.Next(8); flips > 0; flips--)
            {
                damaged[random.Next(damaged.Length)] = (byte)random.Next(256);
            }

            if (damaged.AsSpan().SequenceEqual(bytes))
            {
                continue;
            }

            File.WriteAllBytes(block, damaged);
            Sentences.Failure(FailureKind.Data, () =>
            {
                using var codes = Codes.Open(net.Store);
                codes.Read(codes.Columns[0]);
            });
        }
    }

    [Test]
    public void A_tensor_is_found_before_an_alias_of_its_name()
    {
        using var net = new SmallNetwork(photos: 2);
        Extract(net).Dispose();
        var header = new StoreFolder(net.Store).ReadHeader();
        var aliases = new Dictionary<string, string> { ["second"] = "first", ["end"] = "first" };
        File.WriteAllText(net["store/store.json"], StoreHeaderJson.Write(header with { Aliases = aliases }));
        using var codes = Codes.Open(net.Store);
        Assert.Multiple(() =>
        {
            Assert.That(codes.Column("second", Pooling.Maximum), Is.EqualTo(codes.Columns[1]));
            Assert.That(codes.Column("end", null), Is.EqualTo(codes.Columns[2]));
        });
    }

    [TestCase("abc")]
    [TestCase("0123456789ABCDEF0123456789ABCDEF0123456789ABCDEF0123456789ABCDEF")]
    public void A_header_whose_model_has_no_hash_is_refused(string hash)
    {
        using var net = new SmallNetwork(photos: 2);
        Extract(net).Dispose();
        var header = new StoreFolder(net.Store).ReadHeader();
        File.WriteAllText(net["store/store.json"], StoreHeaderJson.Write(header with { ModelSha256 = hash }));
        Assert.Multiple(() =>
        {
            Sentences.Fails(FailureKind.Data, () => Codes.Open(net.Store), "store.json is damaged");
            Sentences.Fails(FailureKind.Data, () => Extract(net), "store.json is damaged");
        });
    }

    [Test]
    public void A_header_with_an_alias_twice_is_refused()
    {
        using var net = new SmallNetwork(photos: 2);
        Extract(net).Dispose();
        var header = File.ReadAllText(net["store/store.json"]);
        File.WriteAllText(net["store/store.json"], header.Replace("\"aliases\": {", "\"aliases\": { \"a\": \"first\", \"a\": \"second\","));
        Sentences.Fails(FailureKind.Data, () => Codes.Open(net.Store), "store.json is damaged");
    }

    [Test]
    public void An_index_or_header_that_was_tampered_with_is_refused()
    {
        using var net = new SmallNetwork(photos: 5);
        Extract(net).Dispose();
        var (index, header) = (File.ReadAllText(net["store/index.jsonl"]), File.ReadAllText(net["store/store.json"]));
        Assert.Multiple(() =>
        {
            foreach (var text in new[] { index.Replace("000000-", "../000000-"), index.Replace("\"rows\":5", "\"rows\":6"), index.Replace("\"rows\":5", "\"rows\":-5"), index + index, index[..^3] })
            {
                File.WriteAllText(net["store/index.jsonl"], text);
                Sentences.Failure(FailureKind.Data, () => Codes.Open(net.Store).Dispose());
            }

            File.WriteAllText(net["store/index.jsonl"], index);
            foreach (var text in new[] { header.Replace("\"width\": 6", "\"width\": 7"), header.Replace("avg", "sum"), header[..50], "[]", header.Replace("\"format\": 1", "\"format\": 2") })
            {
                File.WriteAllText(net["store/store.json"], text);
                Sentences.Failure(FailureKind.Data, () => Codes.Open(net.Store).Dispose());
            }
        });
    }

    [TestCase("no index")]
    [TestCase("empty index")]
    [TestCase("lost line")]
    [TestCase("empty mark")]
    [TestCase("other mark")]
    public void A_finished_store_that_lost_lines_is_refused_and_mended_by_the_next_run(string damage)
    {
        using var net = new SmallNetwork(photos: 20);
        Extract(net).Dispose();
        var before = SmallNetwork.Files(net.Store);
        var (index, mark) = (net["store/index.jsonl"], net["store/skipped.jsonl"]);
        switch (damage)
        {
            case "no index":
                File.Delete(index);
                break;
            case "empty index":
                File.WriteAllText(index, string.Empty);
                break;
            case "lost line":
                File.WriteAllLines(index, File.ReadAllLines(index)[..^1]);
                break;
            case "empty mark":
                File.WriteAllText(mark, string.Empty);
                break;
            default:
                File.WriteAllText(mark, """{"id":"a","reason":"b"}""" + "\n");
                break;
        }

        Sentences.Fails(FailureKind.Data, () => Codes.Open(net.Store), "damaged", "run the same extract again");
        Extract(net).Dispose();
        Assert.That(SmallNetwork.Files(net.Store), Is.EqualTo(before));
    }

    private static Codes Extract(SmallNetwork net)
    {
        using var backbone = net.Load();
        return backbone.Extract(net.Images, SmallNetwork.Taps(backbone), net.Store, Blocks);
    }
}
