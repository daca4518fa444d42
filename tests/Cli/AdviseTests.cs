namespace OnnxTransfer.Cli.Tests;

public class AdviseTests
{
    [Test]
    public void A_set_is_placed_and_the_command_to_go_on_with_exists()
    {
        var model = SharedFiles.ResNet18();
        using var photos = new Photos();
        photos.Folder("set", 5);
        var statistics = photos["resnet18.statistics.json"];
        string[] backbone = [photos["set"], "--model", model, "--size", "64", "--reference", statistics];
        var made = Tool.Json(["advise", .. backbone, "--make-reference", "made-up photos"]);
        Assert.That((made.GetProperty("images").GetInt32(), made.GetProperty("size").GetInt32(), File.Exists(statistics)), Is.EqualTo((15, 64, true)));

        var json = Tool.Json(["advise", .. backbone]);
        Assert.Multiple(() =>
        {
            Assert.That(json.GetProperty("size").GetString(), Is.EqualTo("small"));
            Assert.That(json.GetProperty("similarity").GetString(), Is.AnyOf("similar", "different"));
            Assert.That(json.GetProperty("confidence").GetDouble(), Is.InRange(0.25, 1));
            Assert.That(json.GetProperty("advice").GetString(), Does.StartWith("head on "));
            Assert.That(json.GetProperty("evidence").GetArrayLength(), Is.EqualTo(3));
            Assert.That(json.GetProperty("reference").GetProperty("madeOf").GetString(), Is.EqualTo("made-up photos"));
            Assert.That(json.GetProperty("layers").GetArrayLength(), Is.GreaterThan(5));
            Assert.That(json.GetProperty("curve").GetArrayLength(), Is.GreaterThan(1));
        });

        var next = json.GetProperty("command").GetString()!.Split(' ');
        Assert.That(next[..2], Is.EqualTo(new[] { "onnxtransfer", "fit" }));
        Assert.That(Tool.Run([.. next[1..], "-o", photos["set.onnx"]]).ExitCode, Is.Zero);
    }

    [Test]
    public void Statistics_that_are_damaged_are_refused()
    {
        var model = SharedFiles.ResNet18();
        using var photos = new Photos();
        photos.Folder("set", 2);
        var statistics = photos.Write("bad.json", "{}");
        Tool.Fails(FailureKind.Usage, ["advise", photos["set"], "--model", model, "--make-reference", " ", "--reference", photos["new.json"]], "--make-reference");
        Tool.Fails(FailureKind.Model, ["advise", photos["set"], "--model", model, "--reference", statistics], "bad.json", "lacks format");
    }
}
