namespace OnnxTransfer.Engine.Tests;

/// <summary>Disks that are full or must not be written: small file systems in memory, mounted where the test may.</summary>
public class DiskTests
{
    [Test]
    public void A_full_disk_is_a_sentence_and_leaves_nothing_half_written()
    {
        using var net = new SmallNetwork(photos: 400);
        using var disk = new SmallDisk(net["disk"], "size=60k");
        using var backbone = net.Load();
        var store = net["disk/store"];
        var options = new ExtractionOptions { BlockRows = 100 };
        var failure = Sentences.Failure(FailureKind.Machine, () => backbone.Extract(net.Images, SmallNetwork.Taps(backbone), store, options));
        var index = File.Exists(Path.Combine(store, "index.jsonl")) ? File.ReadAllLines(Path.Combine(store, "index.jsonl")) : [];
        Assert.Multiple(() =>
        {
            Assert.That(failure.Message, Does.Contain("Cannot write").And.Contain(store));
            Assert.That(Directory.EnumerateFiles(store, "*.part", SearchOption.AllDirectories), Is.Empty);
            Assert.That(index, Has.Length.InRange(1, 3).And.All.EndsWith("}"));
            Assert.That(Directory.GetFiles(Path.Combine(store, "blocks")), Has.Length.EqualTo(index.Length));
        });

        // With more room it goes on where it stopped, and ends with what an undisturbed run writes.
        disk.Resize("size=16m");
        var decoder = new WatchedDecoder();
        backbone.Extract(net.Images, SmallNetwork.Taps(backbone), store, options with { Decoder = decoder }).Dispose();
        backbone.Extract(net.Images, SmallNetwork.Taps(backbone), net["whole"], options).Dispose();
        Assert.Multiple(() =>
        {
            Assert.That(decoder.Count, Is.EqualTo(400 - (100 * index.Length)));
            Assert.That(SmallNetwork.Files(store), Is.EqualTo(SmallNetwork.Files(net["whole"])));
        });
    }

    [Test]
    public void A_read_only_disk_is_a_sentence_and_its_store_can_still_be_read()
    {
        using var net = new SmallNetwork(photos: 6);
        using var disk = new SmallDisk(net["disk"], "size=1m");
        using var backbone = net.Load();
        backbone.Extract(net.Images, backbone.Tap("second"), net["disk/store"]).Dispose();
        disk.Resize("ro");
        Assert.Multiple(() =>
        {
            Assert.That(Sentences.Failure(FailureKind.Machine, () => backbone.Extract(net.Images, backbone.Tap("second"), net["disk/store"])).Message, Does.Contain(net["disk/store"]));
            Sentences.Failure(FailureKind.Machine, () => backbone.Extract(net.Images, backbone.Tap("second"), net["disk/other"]));
            using var codes = Codes.Open(net["disk/store"]);
            Assert.That(codes.Matrix.Rows, Is.EqualTo(6));
        });
    }

    [Test]
    public void A_folder_without_permission_is_a_sentence()
    {
        if (OperatingSystem.IsWindows() || Environment.UserName == "root")
        {
            Assert.Ignore("needs a user whom permissions bind: not Windows, not root");
            return;
        }

        using var net = new SmallNetwork(photos: 2);
        using var backbone = net.Load();
        Directory.CreateDirectory(net["locked"]);
        File.SetUnixFileMode(net["locked"], UnixFileMode.UserRead | UnixFileMode.UserExecute);
        Assert.That(
            Sentences.Failure(FailureKind.Machine, () => backbone.Extract(net.Images, backbone.Tap("second"), net["locked/store"])).Message,
            Does.Contain("Cannot write"));
    }
}
