using System.Text.Json;

namespace OnnxTransfer.Cli.Tests;

public class LayersTests
{
    [Test]
    public void Layers_are_compared_and_one_is_recommended()
    {
        var model = SharedFiles.ResNet18();
        using var photos = new Photos();
        photos.Folder("set/train", 6);
        photos.Folder("set/test", 2, seed: 2);
        string[] arguments = ["layers", photos["set"], "--model", model, "--size", "64", "--taps", "stage1,stage4", "--poolings", "avg", "--seed", "3"];
        var json = Tool.Json(arguments);
        var layers = json.GetProperty("layers").EnumerateArray().ToList();
        Assert.That(layers.Select(static layer => (layer.GetProperty("alias").GetString(), layer.GetProperty("head").GetString())), Is.EqualTo(new[]
        {
            ("stage1", "softmax"), ("stage1", "svm"), ("stage4", "softmax"), ("stage4", "svm"),
        }));
        foreach (var layer in layers)
        {
            Assert.That(layer.GetProperty("pooling").GetString(), Is.EqualTo("avg"));
            Assert.That(layer.GetProperty("codeLength").GetInt32(), Is.EqualTo(layer.GetProperty("alias").GetString() == "stage1" ? 64 : 512));
            Assert.That(layer.GetProperty("msPerImage").GetDouble(), Is.Positive);
            Assert.That(layer.GetProperty("cvAccuracy").GetDouble(), Is.InRange(layer.GetProperty("cvInterval").GetProperty("low").GetDouble(), layer.GetProperty("cvInterval").GetProperty("high").GetDouble()));
            Assert.That(layer.GetProperty("logMe").ValueKind, Is.EqualTo(JsonValueKind.Number));
            Assert.That(layer.GetProperty("hScore").GetDouble(), Is.InRange(0, 2));
            Assert.That(layer.GetProperty("testAccuracy").ValueKind, Is.EqualTo(JsonValueKind.Number));
        }

        Assert.That((json.GetProperty("trainImages").GetInt32(), json.GetProperty("testImages").GetInt32()), Is.EqualTo((18, 6)));
        var recommended = json.GetProperty("recommended");
        Assert.That(layers.Select(static layer => layer.GetProperty("tap").GetString()), Does.Contain(recommended.GetProperty("tap").GetString()));
        var cheapest = layers.Where(static layer => layer.GetProperty("pValue").GetDouble() >= 0.05)
            .OrderBy(static layer => layer.GetProperty("costPercent").GetDouble()).ThenByDescending(static layer => layer.GetProperty("cvAccuracy").GetDouble()).First();
        Assert.That(json.GetProperty("unproved") is { ValueKind: JsonValueKind.Object } unproved ? Name(unproved) : Name(recommended), Is.EqualTo(Name(cheapest)));

        var joined = json.GetProperty("concatenations").EnumerateArray().Single();
        Assert.That(joined.GetProperty("codeLength").GetInt32(), Is.EqualTo(64 + 512));
        Assert.That(JsonElement.DeepEquals(joined.GetProperty("layers")[0], json.GetProperty("best")));
        Assert.That(joined.GetProperty("adjustedPValue").GetDouble(), Is.EqualTo(joined.GetProperty("pValue").GetDouble()));
        Assert.That(json.GetProperty("rankCorrelation").GetProperty("layers").GetInt32(), Is.EqualTo(2));

        Assert.That(json.GetProperty("report").ValueKind, Is.EqualTo(JsonValueKind.Null));
        var told = Tool.Run(arguments);
        Assert.That(told.ExitCode, Is.Zero, told.Error);
        Assert.That(told.Output, Does.Contain("Recommended: ").And.Contain($"--tap {recommended.GetProperty("tap").GetString()} --pooling avg --head {recommended.GetProperty("head").GetString()}"));
        Assert.That(told.Output.Contains("cannot rule out that it loses more than 5 points"), Is.EqualTo(json.GetProperty("unproved").ValueKind == JsonValueKind.Object));
    }

    [Test]
    public void A_budget_is_told_with_what_is_better_beyond_it()
    {
        using var photos = new Photos();
        string[] arguments = ["layers", photos.Folder("set", 8), "--model", SharedFiles.ResNet18(), "--size", "64", "--taps", "stage1,stage4", "--poolings", "avg", "--heads", "softmax"];
        var told = Tool.Run([.. arguments, "--max-mb", "2"]);
        Assert.That(told.ExitCode, Is.Zero, told.Error);
        Assert.That(told.Output, Does.Match(@"Recommended: \S+\|avg, softmax, the best within the budget \(2 MB\), ").And.Contain("no other layer to join the best with within the budget"));
        Assert.That(told.Output, Does.Contain("0.64").And.Contain("63.7"), "megabytes with two digits that count");
    }

    [Test]
    public void A_report_is_written_with_the_command_line_that_made_it()
    {
        var model = SharedFiles.ResNet18();
        using var photos = new Photos();
        var set = photos.Folder("set", 4);
        var file = photos["report.html"];
        var json = Tool.Json("layers", set, "--model", model, "--size", "32", "--taps", "stage1,stage2", "--poolings", "avg", "--heads", "softmax", "--report", file);
        Assert.That(json.GetProperty("report").GetString(), Is.EqualTo(file));
        Assert.That(File.ReadAllText(file), Does.StartWith("<!DOCTYPE html>").And.Contain($"onnxtransfer layers {set} --model").And.Contain($"--report {file}"));
        Tool.Fails(FailureKind.Machine, ["layers", set, "--report", photos["no/such/folder.html"]], "folder.html");
    }

    [Test]
    public void What_means_nothing_is_refused()
    {
        using var photos = new Photos();
        var set = photos.Folder("set", 2);
        Tool.Fails(FailureKind.Usage, ["layers", set, "--poolings", "median"], "'median'");
        Tool.Fails(FailureKind.Usage, ["layers", set, "--heads", "tree"], "'tree'", "softmax, svm, hinge, crammer-singer, logistic, ridge.");
        Tool.Fails(FailureKind.Usage, ["layers", set, "--taps", ","], "--taps");
        Tool.Fails(FailureKind.Model, ["layers", set, "--model", SharedFiles.ResNet18(), "--taps", "no-such-layer"], "no-such-layer");
    }

    [Test]
    public void Names_of_classes_are_only_names()
    {
        using var photos = new Photos();
        var random = new Random(4);
        foreach (var (name, kind) in new[] { ("<b>a & b<", "discs"), ("[red]c[", "checks") })
        {
            for (var i = 0; i < 6; i++)
            {
                photos.Write($"set/{name}/{i}.jpg", Photos.Jpeg(kind, random));
            }
        }

        var told = Tool.Run("layers", photos["set"], "--model", SharedFiles.ResNet18(), "--size", "64", "--taps", "stage1", "--poolings", "avg", "--heads", "svm");
        Assert.That(told.ExitCode, Is.Zero, told.Error);
        Assert.That(told.Output, Does.Contain("2 classes").And.Contain("no other layer"));
    }

    private static string Name(JsonElement layer) => string.Join(' ', new[] { "tap", "pooling", "head" }.Select(field => layer.GetProperty(field).GetString()));
}
