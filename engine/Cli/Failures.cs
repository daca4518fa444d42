using System.CommandLine;
using System.Text.Json.Nodes;
using OnnxTransfer.Cli.Options;
using OnnxTransfer.Cli.Output;

namespace OnnxTransfer.Cli;

/// <summary>How a failure is told: its sentence on standard error, and with --json also as the one object on standard output.</summary>
internal static class Failures
{
    public static async Task TellAsync(OnnxTransferException failure, ParseResult parsed, TextWriter output, TextWriter error)
    {
        await error.WriteLineAsync(failure.Message);
        if (failure.Kind == FailureKind.Bug)
        {
            await error.WriteLineAsync($"This is a defect of OnnxTransfer; please report it with this text:{Environment.NewLine}{failure}");
        }

        if (parsed.CommandResult.Command.Options.Contains(OutputOptions.Json) && parsed.GetValue(OutputOptions.Json))
        {
            await output.WriteLineAsync(Json.Text(Json.Object(parsed.CommandResult.Command.Name, new JsonObject
            {
                ["error"] = new JsonObject
                {
                    ["kind"] = failure.Kind.ToString().ToLowerInvariant(),
                    ["exitCode"] = (int)failure.Kind,
                    ["message"] = failure.Message,
                },
            })));
        }
    }
}
