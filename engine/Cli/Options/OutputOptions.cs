using System.CommandLine;

namespace OnnxTransfer.Cli.Options;

/// <summary>Options on what is printed.</summary>
internal static class OutputOptions
{
    public static readonly Option<bool> Json = new("--json")
    {
        Description = "Print one JSON object on standard output (docs/JSON.md); everything for people goes to standard error.",
    };
}
