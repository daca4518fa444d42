using System.Diagnostics;
using System.Globalization;
using OnnxTransfer.Engine.Tests;

namespace OnnxTransfer.Cli.Tests;

/// <summary>The tool itself, killed as an operating system kills while it fine-tunes.</summary>
public sealed class FineTuneTests
{
    private const int NotBuilt = 5;
    private static readonly TimeSpan Most = TimeSpan.FromMinutes(4);

    [TestCase("head", "0")]
    [TestCase("head", "0.9")]
    [TestCase("stage4", "0")]
    [Category("Slow")]
    public void Killed_at_any_moment_and_resumed_it_exports_the_same_bytes(string trainFrom, string average)
    {
        if (OperatingSystem.IsWindows())
        {
            Assert.Ignore("needs a system that runs the tool's script");
        }

        using var photos = new Photos();
        photos.Folder("shapes", each: 8);
        string[] Arguments(string output, bool resume) =>
        [
            "finetune", "shapes", "-o", output, "--size", "64", "--train-from", trainFrom, "--augment", "light", "--epochs", "3", "--batch", "4", "--average", average,
            "--checkpoint-updates", "1", .. (string[])(resume ? ["--resume"] : []),
        ];
        var whole = Programs.Run(photos.Root, Most, Repository.Tool, Arguments("whole.onnx", resume: false))!;
        if (whole.Status == NotBuilt)
        {
            Assert.Ignore("needs the tool: make build");
        }

        Assert.That(whole.Status, Is.Zero, whole.Everything);
        var (random, kills) = (new Random(7), 0);
        for (; kills < 3 && !File.Exists(photos["killed.onnx"]); kills++)
        {
            Kill(photos, Arguments("killed.onnx", resume: File.Exists(photos["killed.onnx.training/checkpoint"])), random.Next(1, 5), TimeSpan.FromMilliseconds(random.Next(60)));
        }

        var last = Programs.Run(photos.Root, Most, Repository.Tool, Arguments("killed.onnx", resume: true))!;
        Assert.That(last.Status, Is.Zero, last.Everything);
        Assert.That(kills, Is.EqualTo(3), "it was killed before it had ended");
        Assert.That(File.ReadAllBytes(photos["killed.onnx"]), Is.EqualTo(File.ReadAllBytes(photos["whole.onnx"])));
    }

    [Test]
    [Category("Slow")]
    public void A_rate_that_was_searched_for_is_told_with_its_curve_and_the_report_shows_the_training()
    {
        using var photos = new Photos();
        photos.Folder("shapes", each: 6);
        string[] arguments = ["finetune", photos["shapes"], "-o", photos["tuned.onnx"], "--size", "64", "--train-from", "head", "--augment", "none", "--epochs", "1", "--loss", "svm", "--report", photos["report.html"], "--rate", "auto"];
        var json = Tool.Json(arguments);
        Assert.That((json.GetProperty("rateWasFound").GetBoolean(), json.GetProperty("loss").GetString(), json.GetProperty("report").GetString()), Is.EqualTo((true, "svm", photos["report.html"])));
        Assert.That(File.ReadAllText(photos["report.html"]), Does.Contain("finetune").And.Contain("SHA-256").And.Contain("Backbone factor").And.Contain("stripes"));
        var rate = json.GetProperty("rate").GetDouble();
        Assert.That(rate, Is.InRange(1e-6, 1.0));
        var told = Tool.Run(arguments);
        Assert.That(told.Output, Does.Contain(string.Create(CultureInfo.InvariantCulture, $"Learning rate: {rate:G2}, searched for")).And.Match("Loss from rate 1E-06 [▁▂▃▄▅▆▇█]{3,50} to "));
        Tool.Fails(FailureKind.Usage, [.. arguments[..^1], "much"], "'much' is no number", "auto");
    }

    [Test]
    public void Artifacts_are_written_for_classes_by_name_with_what_goes_in_and_comes_out()
    {
        using var photos = new Photos();
        var json = Tool.Json("finetune", "export-artifacts", "--size", "64", "--classes", "a, b,c", "--train-from", "head", "-o", photos["artifacts"]);
        Assert.That(json.GetProperty("labels").EnumerateArray().Select(label => label.GetString()), Is.EqualTo((string[])["a", "b", "c"]));
        Assert.That(Directory.GetFiles(photos["artifacts"]).Select(Path.GetFileName), Is.EquivalentTo(json.GetProperty("files").EnumerateArray().Select(file => file.GetString())));
        Tool.Fails(FailureKind.Usage, ["finetune", "export-artifacts", "-o", photos["x"]], "DATA", "--classes");
        Tool.Fails(FailureKind.Usage, ["finetune", "export-artifacts", "--classes", "a,a", "-o", photos["x"]], "two different");
        Tool.Fails(FailureKind.Usage, ["finetune", "export-artifacts", "--classes", "a,b"], "--output", "finetune export-artifacts --help");
        Assert.That(Tool.Run("finetune", "export-artifacts", "--help").Output, Does.Contain("--classes").And.Contain("Example:"));
    }

    // The moment: a while after so many more lines stand in the metrics.
    private static void Kill(Photos photos, string[] arguments, int lines, TimeSpan more)
    {
        var metrics = photos["killed.onnx.training/metrics.jsonl"];
        var before = Lines(metrics);
        using var process = Process.Start(new ProcessStartInfo(Repository.Tool, arguments) { WorkingDirectory = photos.Root, RedirectStandardOutput = true, RedirectStandardError = true })!;
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
        while (Lines(metrics) < before + lines && !process.HasExited)
        {
            Thread.Sleep(2);
        }

        Thread.Sleep(more);
        process.Kill();
        process.WaitForExit();
    }

    private static int Lines(string file)
    {
        try
        {
            using var stream = new FileStream(file, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
            using var reader = new StreamReader(stream);
            return reader.ReadToEnd().Count(c => c == '\n');
        }
        catch (IOException)
        {
            return 0;
        }
    }
}
