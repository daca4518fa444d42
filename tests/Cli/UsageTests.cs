using System.Text.RegularExpressions;

namespace OnnxTransfer.Cli.Tests;

public sealed partial class UsageTests
{
    private static readonly string[] Commands = ["fit", "predict", "eval", "taps", "layers", "extract", "codes", "train", "export"];

    [TestCaseSource(nameof(Commands))]
    public void Every_command_has_help_with_an_example_of_itself(string command)
    {
        var help = Tool.Run(command, "--help");
        Assert.That(help.ExitCode, Is.Zero);
        Assert.That(help.Output, Does.Contain("Usage:").And.Match($"Example:\\s+onnxtransfer {command} "));
    }

    [TestCaseSource(nameof(Commands))]
    public void Every_example_uses_options_that_exist(string command)
    {
        var help = Tool.Run(command, "--help").Output;
        var example = help[help.IndexOf("Example:", StringComparison.Ordinal)..];
        foreach (Match option in LongOption().Matches(example))
        {
            Assert.That(help[..^example.Length], Does.Contain(option.Value + " "), example);
        }
    }

    [Test]
    public void The_help_of_the_tool_lists_every_command()
    {
        var help = Tool.Run("--help");
        Assert.That(help.ExitCode, Is.Zero);
        Assert.That(Commands, Has.All.Matches<string>(command => Regex.IsMatch(help.Output, $@"^\s+{command} ", RegexOptions.Multiline)));
    }

    [Test]
    public void Wrong_usage_exits_with_2_and_a_sentence()
    {
        Tool.Fails(FailureKind.Usage, [], "--help");
        Tool.Fails(FailureKind.Usage, ["fit"], "DATA", "fit --help");
        Tool.Fails(FailureKind.Usage, ["fit", "x", "--no-such-option"], "--no-such-option", "fit --help");
        Tool.Fails(FailureKind.Usage, ["train"], "STORE", "--codes");
        Tool.Fails(FailureKind.Usage, ["train", "--codes", "x.npy"], "--labels");
        Tool.Fails(FailureKind.Usage, ["predict", "m.onnx", "a.jpg", "--top", "0"], "--top is 0");
        Tool.Fails(FailureKind.Usage, ["predict", "m.onnx", "a.jpg", "--json", "--csv"], "not both");
        Tool.Fails(FailureKind.Usage, ["predict", "m.onnx", "a.jpg", "--tpo", "5"], "--tpo");
        Tool.Fails(FailureKind.Usage, ["fit", ""], "Word 2", "empty");
        Tool.Fails(FailureKind.Usage, ["taps", "--size", "-3"], "-3");
        Tool.Fails(FailureKind.Usage, ["train", "--codes", "x.npy", "--labels", "y.npy", "--threads", "-5"], "threads is -5");
        Tool.Fails(FailureKind.Usage, ["train", "--codes", "x.npy", "--labels", "y.npy", "--calibrate", "isotonic"], "'isotonic'", "platt");
        Tool.Fails(FailureKind.Usage, ["codes", "x", "--workers", "2"], "--workers");
        Tool.Fails(FailureKind.Usage, ["eval", "m.onnx", "x", "--part", "half"], "half");
    }

    [Test]
    public void A_failure_with_json_is_told_in_the_one_object_too()
    {
        Told(4, "model", "taps", "no-such.onnx", "--json");
        Told(2, "usage", "taps", "--json", "--no-such-option");
        Told(2, "usage", "predict", "--json");
    }

    private static void Told(int code, string kind, params string[] arguments)
    {
        var run = Tool.Run(arguments);
        Assert.That(run.ExitCode, Is.EqualTo(code));
        using var json = System.Text.Json.JsonDocument.Parse(run.Output);
        var error = json.RootElement.GetProperty("error");
        Assert.That(error.GetProperty("kind").GetString(), Is.EqualTo(kind));
        Assert.That(error.GetProperty("exitCode").GetInt32(), Is.EqualTo(code));
        Assert.That(error.GetProperty("message").GetString(), Is.EqualTo(run.Error.TrimEnd()));
    }

    [GeneratedRegex("--[a-z-]+")]
    private static partial Regex LongOption();
}
