using System.CommandLine;
using OnnxTransfer.Engine;

namespace OnnxTransfer.Cli.Options;

/// <summary>Options that choose where in the network codes are read and how their positions are pooled.</summary>
internal static class TapOptions
{
    private const string Names = "tensor, node or alias (stage1..n, last-pool, penultimate, logits)";

    /// <summary>In place of a tap: the one of the ends of stages that the photos choose.</summary>
    public const string Auto = "auto";

    public static readonly Option<string> TapOrAuto = Named("--tap", ["-t"], $"Where codes are read: {Auto}, the end of a stage that the photos choose, or a {Names}; several, separated by commas, are joined", Auto);

    public static readonly Option<string> PoolingOfEach = Named("--pooling", [], $"How positions are pooled: {string.Join(", ", PoolingNames.All)}; or one for each tap, separated by commas", "avg");

    public static readonly Option<string> Tap = Named("--tap", ["-t"], $"Where codes are read: a {Names}", "penultimate");

    public static readonly Option<string?> TapOrLast = new("--tap", ["-t"]) { Description = $"Where codes are read: a {Names} [default: the last four ends of blocks]", HelpName = "NAME" };

    public static readonly Option<string> Pooling = Named("--pooling", [], $"How positions are pooled: {string.Join(", ", PoolingNames.All)}", "avg");

    public static readonly Option<string> Taps = Named("--tap", ["-t"], $"Where codes are read, separated by commas: each a {Names}", "penultimate");

    public static readonly Option<string> Poolings = Named("--pooling", [], $"How positions are pooled, separated by commas: {string.Join(", ", PoolingNames.All)}", "avg");

    /// <summary>The poolings that a list names.</summary>
    public static Pooling[] PoolingsOf(string list, string option) => Array.ConvertAll(Split(list, option), PoolingNames.Parse);

    /// <summary>Every one of <see cref="Taps"/> with every one of <see cref="Poolings"/>, in the order given, each once.</summary>
    public static IReadOnlyList<Tap> Of(ParseResult parsed, Backbone backbone)
    {
        var poolings = PoolingsOf(parsed.GetValue(Poolings)!, "--pooling");
        return [.. Split(parsed.GetValue(Taps)!, "--tap").SelectMany(tap => poolings.Select(pooling => backbone.Tap(tap, pooling))).DistinctBy(tap => tap.Key)];
    }

    private static Option<string> Named(string name, string[] aliases, string description, string usual) =>
        new(name, aliases) { Description = description, HelpName = "NAME", DefaultValueFactory = _ => usual };

    /// <summary>The names of a list that commas separate.</summary>
    public static string[] Split(string list, string option)
    {
        var names = list.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries);
        return names.Length > 0 ? names : throw new OnnxTransferException(FailureKind.Usage, $"{option} names nothing.");
    }
}
