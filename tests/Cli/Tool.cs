using System.Text.Json;

namespace OnnxTransfer.Cli.Tests;

/// <summary>Runs the tool in this process, as its Main does.</summary>
internal sealed record Tool(int ExitCode, string Output, string Error)
{
    public static Tool Run(params string[] arguments)
    {
        using var output = new StringWriter();
        using var error = new StringWriter();
        var code = CommandLine.RunAsync(arguments, output, error).GetAwaiter().GetResult();
        return new Tool(code, output.ToString(), error.ToString());
    }

    /// <summary>Runs it with --json: it must succeed and print one object, which is returned.</summary>
    public static JsonElement Json(params string[] arguments)
    {
        var run = Run([.. arguments, "--json"]);
        Assert.That(run.ExitCode, Is.Zero, run.Error);
        using var document = JsonDocument.Parse(run.Output);
        var root = document.RootElement.Clone();
        Assert.That(root.ValueKind, Is.EqualTo(JsonValueKind.Object));
        Assert.That(root.GetProperty("schema").GetInt32(), Is.EqualTo(1));
        Assert.That(root.GetProperty("command").GetString(), Is.EqualTo(arguments[0]).Or.EqualTo(string.Join(' ', arguments.Take(2))).Or.StartsWith("onnxtransfer "));
        return root;
    }

    /// <summary>Runs it; it must fail with this code and one sentence that has these words.</summary>
    public static void Fails(FailureKind kind, string[] arguments, params string[] words)
    {
        var run = Run(arguments);
        Assert.That(run.ExitCode, Is.EqualTo((int)kind), run.Error + run.Output);
        Assert.That(run.Error.TrimEnd().Split('\n'), Has.Length.EqualTo(1), run.Error);
        Assert.That(run.Error.TrimEnd(), Does.EndWith("."));
        foreach (var word in words)
        {
            Assert.That(run.Error, Does.Contain(word));
        }
    }
}
