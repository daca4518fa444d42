using System.CommandLine;
using System.Globalization;
using OnnxTransfer.Cli.Options;
using OnnxTransfer.Engine;
using OnnxTransfer.Heads;
using OnnxTransfer.Study;

namespace OnnxTransfer.Cli.Output;

/// <summary>The command to go on with after a study: it fits a layer, with the backbone, recipe and image size of the study.</summary>
internal static class NextFit
{
    /// <summary>The command line, for a shell.</summary>
    public static string Of(ParseResult parsed, string source, LayerTrial layer)
    {
        string[] words =
        [
            "onnxtransfer", "fit", source,
            .. Given("--model", parsed.GetValue(BackboneOptionsGroup.Model)),
            .. Given("--recipe", parsed.GetValue(BackboneOptionsGroup.Recipe)),
            .. Given("--size", parsed.GetValue(BackboneOptionsGroup.Size)?.ToString(CultureInfo.InvariantCulture)),
            "--tap", layer.Tap.Point.Name, "--pooling", layer.Tap.Pooling.ToText(), "--head", layer.Loss.ToText(),
        ];
        return string.Join(' ', words.Select(Sentences.Word));
    }

    private static string[] Given(string option, string? value) => value is null ? [] : [option, value];
}
