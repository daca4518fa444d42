using System.CommandLine;
using System.Text.Json.Nodes;
using OnnxTransfer.Cli.Options;
using OnnxTransfer.Cli.Output;

namespace OnnxTransfer.Cli;

/// <summary>How a failure is told: its sentence on standard error, and with --json also as the one object on standard output.</summary>
internal static class Failures
{
    /// <summary>Tells the failure and gives its exit code.</summary>
    public static int Tell(OnnxTransferException failure, ParseResult parsed, string[] args, TextWriter output, TextWriter error)
    {
        Tell(failure, error);
        if (args.Contains(OutputOptions.Json.Name) && parsed.CommandResult.Command.Options.Contains(OutputOptions.Json))
        {
            output.WriteLine(Json.Text(Json.Object(CommandName.Of(parsed), new JsonObject { ["error"] = Describe(failure) })));
        }

        return (int)failure.Kind;
    }

    /// <summary>The sentence alone.</summary>
    public static void Tell(OnnxTransferException failure, TextWriter error) => error.WriteLine(
        failure.Kind == FailureKind.Bug
            ? $"This is a defect of OnnxTransfer; please report it with this text:{Environment.NewLine}{failure}"
            : failure.Message);

    /// <summary>The failure in JSON.</summary>
    public static JsonObject Describe(OnnxTransferException failure) => new()
    {
        ["kind"] = failure.Kind.ToString().ToLowerInvariant(),
        ["exitCode"] = (int)failure.Kind,
        ["message"] = failure.Message,
    };
}
