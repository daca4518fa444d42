using System.CommandLine;
using System.Globalization;

namespace OnnxTransfer.Cli.Options;

/// <summary>The learning rate: a number, or searched for.</summary>
internal static class RateOption
{
    public static readonly Option<string?> Rate = new("--rate")
    {
        Description = $"The learning rate of the new classifier, or {TapOptions.Auto}: searched for in 100 updates that are thrown away [default: 0.001 for sgd, 0.0002 for adamw]",
        HelpName = $"NUMBER|{TapOptions.Auto}",
    };

    public static bool IsSearched(ParseResult parsed) => parsed.GetValue(Rate) == TapOptions.Auto;

    public static double? Of(ParseResult parsed) => parsed.GetValue(Rate) switch
    {
        null or TapOptions.Auto => null,
        var text when double.TryParse(text, CultureInfo.InvariantCulture, out var rate) => rate,
        var text => throw new OnnxTransferException(FailureKind.Usage, $"The learning rate '{text}' is no number; give one, or {TapOptions.Auto} to have it searched for."),
    };
}
