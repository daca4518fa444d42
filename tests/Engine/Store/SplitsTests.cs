using OnnxTransfer.Datasets;
using OnnxTransfer.Heads;

namespace OnnxTransfer.Engine.Tests;

internal sealed class SplitsTests
{
    [TestCase("Train", "Test", "train", "test")]
    [TestCase("train", "valid", "train", "val")]
    [TestCase("TRAIN", "Validation", "train", "val")]
    public void The_parts_of_folders_are_kept_whatever_their_spelling(string training, string other, string part, string otherPart)
    {
        using var net = new SmallNetwork();
        Photos(net, training, 8);
        Photos(net, other, 4);
        using (var codes = Extract(net, net.Images))
        {
            Assert.That(codes.Splits, Is.EqualTo(net.Images.Select(image => image.Split)).And.Contain(part).And.Contain(otherPart));
        }

        Assert.Multiple(() =>
        {
            Assert.That(Rows(net, part), Is.EqualTo(8));
            Assert.That(Rows(net, otherPart), Is.EqualTo(4));
            Assert.That(Rows(net, "all"), Is.EqualTo(12));
            Refused(net, otherPart == "val" ? "test" : "val");
        });
    }

    [Test]
    public void The_parts_of_a_list_are_kept_and_follow_it_when_it_changes()
    {
        using var net = new SmallNetwork(photos: 12);
        var list = net.Images.Select((image, i) => $"{image.Id},{image.Label},{(i % 3 == 0 ? "test" : "train")}").ToArray();
        File.WriteAllLines(net["photos/list.csv"], ["path,label,split", .. list]);
        Extract(net, LabelledImages.FromCsv(net["photos/list.csv"])).Dispose();
        Assert.That(Rows(net, "train"), Is.EqualTo(8));
        File.WriteAllLines(net["photos/list.csv"], ["path,label,split", .. list.Select(line => line.Replace("test", "val"))]);
        Extract(net, LabelledImages.FromCsv(net["photos/list.csv"])).Dispose();
        Assert.Multiple(() =>
        {
            Assert.That(Rows(net, "val"), Is.EqualTo(4));
            Refused(net, "test");
        });
    }

    [Test]
    public void Without_parts_every_row_is_for_training()
    {
        using var net = new SmallNetwork(photos: 12);
        Extract(net, net.Images).Dispose();
        Assert.Multiple(() =>
        {
            Assert.That(Rows(net, "train"), Is.EqualTo(12));
            Refused(net, "test");
        });
    }

    private static void Photos(SmallNetwork net, string folder, int count)
    {
        for (var i = 0; i < count; i++)
        {
            net.AddPhoto($"{folder}/{(i % 2 == 0 ? "even" : "odd")}/{i}.bmp", (100 * folder.Length) + i);
        }
    }

    private static Codes Extract(SmallNetwork net, LabelledImages images)
    {
        using var backbone = net.Load();
        return backbone.Extract(images, backbone.Tap("second"), net.Store);
    }

    private static int Rows(SmallNetwork net, string part)
    {
        using var codes = Codes.Open(net.Store);
        return StoreTraining.RowsOf(codes, part).Length;
    }

    private static void Refused(SmallNetwork net, string part) => Sentences.Fails(
        FailureKind.Data, () => StoreTraining.OnStore(net.Store, null, null, part, new HeadOptions()), "no image", part, "--part");
}
