using System.CommandLine;
using OnnxTransfer.Engine;
using OnnxTransfer.Imaging;

namespace OnnxTransfer.Cli.Options;

/// <summary>Options on how images are read and run.</summary>
internal static class ExtractionOptionsGroup
{
    public static readonly Option<int> Workers = new("--workers")
    {
        Description = "Images worked on at once; codes do not depend on it [default: one a core]",
        HelpName = "NUMBER",
    };

    public static readonly Option<double> MaxBad = new("--max-bad")
    {
        Description = "The share of images that may be unreadable; above it the command stops",
        HelpName = "SHARE",
        DefaultValueFactory = _ => 0.05,
    };

    public static readonly Option<bool> AllowTruncated = new("--allow-truncated")
    {
        Description = "Use files that are cut off as far as they go",
    };

    public static void AddTo(Command command)
    {
        command.Add(Workers);
        command.Add(MaxBad);
        command.Add(AllowTruncated);
    }

    public static ExtractionOptions Of(ParseResult parsed) => new()
    {
        Batch = BackboneOptionsGroup.ProviderOf(parsed).Batch,
        Workers = parsed.GetValue(Workers),
        MaxBadShare = parsed.GetValue(MaxBad),
        AllowTruncated = parsed.GetValue(AllowTruncated),
    };

    public static DecodeOptions Decoding(ParseResult parsed) => new() { AllowTruncated = parsed.GetValue(AllowTruncated) };
}
