using System.CommandLine;
using System.Globalization;
using OnnxTransfer.Cli.Options;
using OnnxTransfer.Engine;
using OnnxTransfer.Heads;
using OnnxTransfer.Study;

namespace OnnxTransfer.Cli.Output;

/// <summary>The command to go on with after a study, for a shell: with the backbone, recipe and image size of the study, and the images that it read.</summary>
internal static class NextCommand
{
    /// <summary>Fits a layer.</summary>
    public static string Fit(ParseResult parsed, string source, LayerTrial layer) => Fit(parsed, source, new JoinedTaps(layer.Tap), layer.Loss);

    /// <summary>Fits a layer, or several joined.</summary>
    public static string Fit(ParseResult parsed, string source, JoinedTaps taps, HeadLoss loss) => Line(
        parsed, "fit", source, ["--tap", taps.Names, "--pooling", taps.Poolings, "--head", loss.ToText()]);

    /// <summary>Does what was advised: fits the layer, or fine-tunes the last stage or all; a network without stages is fine-tuned as a whole.</summary>
    public static string Of(ParseResult parsed, string source, Advice advice, Backbone backbone) => advice.Kind switch
    {
        AdviceKind.FineTuneAll => Line(parsed, "finetune", source, HeadOf(advice)),
        AdviceKind.FineTuneLastStages => Line(parsed, "finetune", source, backbone.Taps.StageEnds
            .SelectMany(point => point.Aliases).LastOrDefault(alias => alias.StartsWith("stage", StringComparison.Ordinal)) is { } stage ? [.. HeadOf(advice), "--train-from", stage] : HeadOf(advice)),
        _ => Fit(parsed, source, advice.Layer),
    };

    /// <summary>Where the head sits while the network is fine-tuned: at the penultimate layer, or where the image size has none at the top that it has.</summary>
    private static string[] HeadOf(Advice advice) =>
        advice.Depth.Top.Tap.Point is var top && top.Aliases.Contains("penultimate") ? [] : ["--tap", top.Name];

    private static bool Said(ParseResult parsed, Option option) => parsed.GetResult(option) is { Implicit: false };

    private static string Line(ParseResult parsed, string command, string source, string[] more)
    {
        string[] words =
        [
            "onnxtransfer", command, source,
            .. Given("--model", parsed.GetValue(BackboneOptionsGroup.Model)),
            .. Given("--recipe", parsed.GetValue(BackboneOptionsGroup.Recipe)),
            .. Given("--size", parsed.GetValue(BackboneOptionsGroup.Size)?.ToString(CultureInfo.InvariantCulture)),
            .. Said(parsed, ExtractionOptionsGroup.MaxBad) ? Given("--max-bad", parsed.GetValue(ExtractionOptionsGroup.MaxBad).ToString(CultureInfo.InvariantCulture)) : [],
            .. parsed.GetValue(ExtractionOptionsGroup.AllowTruncated) ? (string[])["--allow-truncated"] : [],
            .. Given("--provider", BackboneOptionsGroup.ProviderOf(parsed) is var provider && provider != ExecutionProvider.Cpu ? provider.Name : null),
            .. more,
        ];
        return string.Join(' ', words.Select(Sentences.Word));
    }

    private static string[] Given(string option, string? value) => value is null ? [] : [option, value];
}
