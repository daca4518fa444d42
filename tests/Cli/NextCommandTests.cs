using OnnxTransfer.Cli.Commands;
using OnnxTransfer.Cli.Output;
using OnnxTransfer.Datasets;
using OnnxTransfer.Engine;
using OnnxTransfer.Study;

namespace OnnxTransfer.Cli.Tests;

public class NextCommandTests
{
    [TestCase(AdviceKind.FineTuneLastStages)]
    [TestCase(AdviceKind.FineTuneAll)]
    public void At_a_size_without_a_penultimate_layer_fine_tuning_puts_its_head_on_the_top_that_there_is(AdviceKind kind)
    {
        using var photos = new Photos();
        var set = photos.Folder("set", 5);
        var model = SharedFiles.ResNet18();
        using var backbone = Backbone.Load(model, new BackboneOptions { Size = 40 });
        var advice = Advisor.Run(backbone, LabelledImages.Open(set)) with { Kind = kind };
        var next = NextCommand.Of(AdviseCommand.Create().Parse([set, "--model", model, "--size", "40"]), set, advice, backbone);
        Assert.That(next, Does.Contain("finetune").And.Contain("--tap ReLU315_Output_0"));
        var run = Tool.Run([.. next.Split(' ')[1..], "--epochs", "1", "-o", photos["tuned.onnx"]]);
        Assert.That(run.ExitCode, Is.Zero, run.Error);
    }

    [Test]
    public void What_decides_which_images_are_read_is_said_again()
    {
        using var photos = new Photos();
        var set = photos.Folder("set", 5);
        var whole = File.ReadAllBytes(photos["set/discs/00.jpg"]);
        photos.Write("set/discs/00.jpg", whole[..(whole.Length / 2)]);
        string[] study = ["layers", set, "--model", SharedFiles.ResNet18(), "--size", "32", "--taps", "stage1", "--poolings", "avg", "--heads", "softmax"];
        string Next(params string[] more)
        {
            var run = Tool.Run([.. study, .. more]);
            Assert.That(run.ExitCode, Is.Zero, run.Error);
            return run.Output.Split('\n').Single(static line => line.StartsWith("Go on with: ", StringComparison.Ordinal));
        }

        var (skipping, mending) = (Next("--max-bad", "0.2"), Next("--allow-truncated"));
        Assert.That(skipping, Does.Contain(" --max-bad 0.2 ").And.Not.Contain("--allow-truncated"));
        Assert.That(mending, Does.Contain(" --allow-truncated ").And.Not.Contain("--max-bad"));
        foreach (var next in new[] { skipping, mending })
        {
            var run = Tool.Run([.. next.Split(' ')[4..], "-o", photos["fitted.onnx"]]);
            Assert.That(run.ExitCode, Is.Zero, run.Error);
        }
    }

    [TestCase("softmax")]
    [TestCase("svm")]
    public void Of_two_images_a_class_the_recommended_fit_works_though_its_training_part_has_one(string head)
    {
        using var photos = new Photos();
        var set = photos.Folder("set", 2);
        string[] backbone = ["--model", SharedFiles.ResNet18(), "--size", "32"];
        var json = Tool.Json(["layers", set, .. backbone, "--taps", "stage1,stage2", "--poolings", "avg", "--heads", head]);
        var fit = Tool.Json(["fit", set, .. backbone, "--tap", json.GetProperty("recommended").GetProperty("tap").GetString()!, "--head", head, "-o", photos["fitted.onnx"]]);
        Assert.That(fit.GetProperty("c").GetDouble(), Is.EqualTo(0.01));
        Assert.That(fit.GetProperty("notes").EnumerateArray().Select(static note => note.GetString()), Has.One.Contains("C cannot be chosen by cross-validation and is 0.01"));
    }
}
