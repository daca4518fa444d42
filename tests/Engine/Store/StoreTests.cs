namespace OnnxTransfer.Engine.Tests;

public class StoreTests
{
    private static readonly ExtractionOptions Blocks = new() { BlockRows = 8, MaxBadShare = 1 };

    [TestCase(1, 1)]
    [TestCase(2, 1)]
    [TestCase(5, 1)]
    [TestCase(3, 4)]
    public void Two_extractions_give_the_same_bytes_in_every_file_whatever_the_workers(int workers, int batch)
    {
        using var net = new SmallNetwork(photos: 27);
        File.WriteAllText(net["photos/even/004.bmp"], "no image");
        using var backbone = net.Load();
        Extract(backbone, net, net["one"], Blocks with { Workers = 1, Batch = batch });
        Extract(backbone, net, net["many"], Blocks with { Workers = workers, Batch = batch });
        var files = SmallNetwork.Files(net["one"]);
        Assert.Multiple(() =>
        {
            Assert.That(SmallNetwork.Files(net["many"]), Is.EqualTo(files));
            Assert.That(files.Keys.Count(file => file.StartsWith("blocks", StringComparison.Ordinal)), Is.EqualTo(4));
            Assert.That(files.Keys.Where(file => !file.StartsWith("blocks", StringComparison.Ordinal)), Is.EqualTo(["index.jsonl", "skipped.jsonl", "store.json"]));
        });
    }

    [Test]
    public void A_finished_store_is_not_touched_and_nothing_is_decoded_again()
    {
        using var net = new SmallNetwork(photos: 20);
        using var backbone = net.Load();
        Extract(backbone, net, net.Store, Blocks);
        var before = Times(net.Store);
        var decoder = new WatchedDecoder();
        ExtractionProgress? last = null;
        using var codes = backbone.Extract(
            net.Images, SmallNetwork.Taps(backbone), net.Store, Blocks with { Decoder = decoder }, new Immediate(progress => last = progress));
        Assert.Multiple(() =>
        {
            Assert.That(decoder.Count, Is.Zero);
            Assert.That(Times(net.Store), Is.EqualTo(before));
            Assert.That(last, Is.EqualTo(new ExtractionProgress(20, 20, 20, 0)));
            Assert.That(codes.Proof, Is.Null);
        });
    }

    [Test]
    public void Added_changed_and_renamed_images_cost_only_what_is_new()
    {
        using var net = new SmallNetwork(photos: 30);
        using var backbone = net.Load();
        Extract(backbone, net, net.Store, Blocks);

        // "even/000a" goes in near the front, so that every later block shifts.
        net.AddPhoto("even/000a.bmp", 1000);
        net.AddPhoto("odd/900.bmp", 1001);
        net.AddPhoto("even/008.bmp", 1002);
        File.Move(net["photos/odd/005.bmp"], net["photos/even/zz.bmp"]);
        var decoder = new WatchedDecoder();
        Extract(backbone, net, net.Store, Blocks with { Decoder = decoder });
        Extract(backbone, net, net["fresh"], Blocks);
        Assert.Multiple(() =>
        {
            Assert.That(decoder.Count, Is.EqualTo(3));
            Assert.That(SmallNetwork.Files(net.Store), Is.EqualTo(SmallNetwork.Files(net["fresh"])));
        });
    }

    [Test]
    public void Another_block_size_leaves_what_a_fresh_run_would()
    {
        using var net = new SmallNetwork(photos: 30);
        using var backbone = net.Load();
        Extract(backbone, net, net.Store, Blocks);
        var decoder = new WatchedDecoder();
        Extract(backbone, net, net.Store, Blocks with { Decoder = decoder, BlockRows = 12 });
        Extract(backbone, net, net["fresh"], Blocks with { BlockRows = 12 });
        Assert.Multiple(() =>
        {
            Assert.That(decoder.Count, Is.Zero);
            Assert.That(SmallNetwork.Files(net.Store), Is.EqualTo(SmallNetwork.Files(net["fresh"])));
        });
    }

    [Test]
    public void A_store_of_other_codes_is_refused_with_the_difference()
    {
        using var net = new SmallNetwork(photos: 4);
        using var backbone = net.Load();
        Extract(backbone, net, net.Store, Blocks);
        var before = SmallNetwork.Files(net.Store);
        Assert.Multiple(() =>
        {
            Refused("second|max", () => backbone.Extract(net.Images, backbone.Tap("second"), net.Store, Blocks));
            Refused("the batch 1 instead of 2", () => Extract(backbone, net, net.Store, Blocks with { Batch = 2 }));
            Refused("truncated images", () => Extract(backbone, net, net.Store, Blocks with { AllowTruncated = true }));
            using var larger = Backbone.Load(net.Model, new BackboneOptions { Size = 24 });
            Refused("the recipe", () => Extract(larger, net, net.Store, Blocks));
            SmallNetwork.Make(seed: 9).Write(net.Model);
            using var other = net.Load();
            Refused("the model net.onnx", () => Extract(other, net, net.Store, Blocks));
            Assert.That(SmallNetwork.Files(net.Store), Is.EqualTo(before));
        });

        static void Refused(string difference, Action call) => Assert.That(
            Sentences.Failure(FailureKind.Data, call).Message, Does.Contain(difference).And.Contain("another folder"));
    }

    [Test]
    public void A_model_that_only_moved_keeps_its_store()
    {
        using var net = new SmallNetwork(photos: 4);
        using (var backbone = net.Load())
        {
            Extract(backbone, net, net.Store, Blocks);
        }

        File.Move(net.Model, net["renamed.onnx"]);
        File.Move(net["net.recipe.json"], net["renamed.recipe.json"]);
        using var moved = Backbone.Load(net["renamed.onnx"]);
        var decoder = new WatchedDecoder();
        Extract(moved, net, net.Store, Blocks with { Decoder = decoder });
        Assert.That(decoder.Count, Is.Zero);
    }

    [Test]
    public void A_folder_with_other_things_and_a_file_are_refused_untouched()
    {
        using var net = new SmallNetwork(photos: 4);
        using var backbone = net.Load();
        Assert.Multiple(() =>
        {
            Assert.That(Sentences.Failure(FailureKind.Usage, () => Extract(backbone, net, net.Photos, Blocks)).Message, Does.Contain("no store"));
            Assert.That(Sentences.Failure(FailureKind.Usage, () => Extract(backbone, net, net.Model, Blocks)).Message, Does.Contain("is a file"));
            Assert.That(Directory.EnumerateFileSystemEntries(net.Photos).Count(), Is.EqualTo(2));
        });
    }

    [Test]
    public void Only_one_process_may_write_a_store()
    {
        using var net = new SmallNetwork(photos: 4);
        using var backbone = net.Load();
        Extract(backbone, net, net.Store, Blocks);
        using (new StoreFolder(net.Store).Lock())
        {
            Assert.That(Sentences.Failure(FailureKind.Machine, () => Extract(backbone, net, net.Store, Blocks)).Message, Does.Contain("Another process"));
            using var codes = Codes.Open(net.Store);
            Assert.That(codes.Ids, Has.Count.EqualTo(4));
        }

        Extract(backbone, net, net.Store, Blocks);
    }

    [TestCase("torn last line")]
    [TestCase("damaged middle line")]
    [TestCase("no index")]
    [TestCase("leftovers")]
    [TestCase("damaged block")]
    [TestCase("short block")]
    [TestCase("no block")]
    [TestCase("block not in the index")]
    [TestCase("not finished")]
    public void Damage_is_mended_by_the_next_run(string damage)
    {
        using var net = new SmallNetwork(photos: 30);
        using var backbone = net.Load();
        Extract(backbone, net, net.Store, Blocks);
        var before = SmallNetwork.Files(net.Store);
        var index = net["store/index.jsonl"];
        var lines = File.ReadAllLines(index);
        var block = Directory.GetFiles(net["store/blocks"]).Order().ElementAt(1);
        switch (damage)
        {
            case "torn last line":
                File.WriteAllText(index, File.ReadAllText(index)[..^20]);
                break;
            case "damaged middle line":
                lines[1] = "{}";
                File.WriteAllLines(index, lines);
                break;
            case "no index":
                File.Delete(index);
                break;
            case "leftovers":
                File.WriteAllText(block + ".123.part", "half a block");
                File.WriteAllText(net["store/index.jsonl.123.part"], "half an index");
                break;
            case "damaged block":
                var bytes = File.ReadAllBytes(block);
                bytes[bytes.Length / 2] ^= 1;
                File.WriteAllBytes(block, bytes);
                break;
            case "short block":
                File.WriteAllBytes(block, File.ReadAllBytes(block)[..^500]);
                break;
            case "no block":
                File.Delete(block);
                break;
            case "block not in the index":
                File.WriteAllLines(index, lines[..^1]);
                break;
            default:
                File.Delete(net["store/skipped.jsonl"]);
                break;
        }

        var decoder = new WatchedDecoder();
        Extract(backbone, net, net.Store, Blocks with { Decoder = decoder });
        Assert.Multiple(() =>
        {
            Assert.That(SmallNetwork.Files(net.Store), Is.EqualTo(before));
            Assert.That(decoder.Count, Is.EqualTo(damage is "damaged block" or "short block" or "no block" ? 8 : 0));
        });
    }

    private static void Extract(Backbone backbone, SmallNetwork net, string store, ExtractionOptions options)
    {
        using var codes = backbone.Extract(net.Images, SmallNetwork.Taps(backbone), store, options);
        codes.Verify();
    }

    private static DateTime[] Times(string store) =>
        [.. Directory.EnumerateFiles(store, "*", SearchOption.AllDirectories).Order().Select(File.GetLastWriteTimeUtc)];

    private sealed class Immediate(Action<ExtractionProgress> report) : IProgress<ExtractionProgress>
    {
        public void Report(ExtractionProgress value) => report(value);
    }
}
