using System.Text.Json;

namespace OnnxTransfer.Cli.Tests;

public class DoctorTests
{
    [Test]
    public void Planted_faults_are_found_and_told_on_paper_and_in_pictures()
    {
        var model = SharedFiles.ResNet18();
        using var photos = new Photos();
        var set = photos.Folder("set", 8);
        File.Move(photos["set/discs/00.jpg"], photos["set/stripes/wrong.jpg"]);
        File.Copy(photos["set/checks/03.jpg"], photos["set/checks/copy, of 03.jpg"]);
        string[] arguments = ["doctor", set, "-o", photos["out"], "--model", model, "--size", "64", "--store", photos["store"]];
        var json = Tool.Json(arguments);
        Assert.That(json.GetProperty("labels")[0].GetProperty("image").GetString(), Is.EqualTo("stripes/wrong.jpg"));
        Assert.That(json.GetProperty("labels")[0].GetProperty("suggested").GetString(), Is.EqualTo("discs"));
        Assert.That(json.GetProperty("labels").GetArrayLength(), Is.EqualTo(25).And.EqualTo(json.GetProperty("images").GetInt32()));
        var pair = json.GetProperty("duplicates")[0];
        Assert.That((pair.GetProperty("image").GetString(), pair.GetProperty("other").GetString()), Is.EqualTo(("checks/03.jpg", "checks/copy, of 03.jpg")));
        Assert.That(json.GetProperty("proof").ValueKind, Is.EqualTo(JsonValueKind.Object));
        Assert.That(json.GetProperty("files").EnumerateArray().Select(static file => file.GetString()), Does.Contain("findings.csv").And.Contain("duplicates.jpg"));
        Assert.That(File.ReadAllText(photos["out/findings.csv"]), Does.StartWith("kind,rank,image,").And.Contain("\"checks/copy, of 03.jpg\""));

        var told = Tool.Run(arguments);
        Assert.That(told.ExitCode, Is.Zero, told.Error);
        Assert.That(told.Output, Does.Contain("worth a look").And.Contain("Near-duplicates: ").And.Contain("findings.csv"));
    }

    [Test]
    public void What_means_nothing_is_refused()
    {
        using var photos = new Photos();
        var set = photos.Folder("set", 2);
        Tool.Fails(FailureKind.Usage, ["doctor", set, "-o", photos["set/findings"]], "lies in");
        Tool.Fails(FailureKind.Data, ["doctor", photos["set/discs"], "-o", photos["out"]], "no label");
        Tool.Fails(FailureKind.Machine, ["doctor", set, "-o", "/dev/null/x"], "Cannot write");
        Tool.Fails(FailureKind.Model, ["doctor", set, "-o", photos["out"], "--model", SharedFiles.ResNet18(), "--tap", "no-such-layer"], "no-such-layer");
    }
}
