using System.CommandLine;
using OnnxTransfer.Heads;

namespace OnnxTransfer.Cli.Options;

/// <summary>Options that choose C.</summary>
internal static class SelectionOptionsGroup
{
    public static readonly Option<int> Folds = new("--folds")
    {
        Description = $"The folds that C is chosen by, {SelectionOptions.FewestFolds} to {SelectionOptions.MostFolds}",
        HelpName = "NUMBER",
        DefaultValueFactory = _ => new SelectionOptions().Folds,
    };

    public static readonly Option<int> Repeats = new("--repeats")
    {
        Description = "How often images are dealt to folds, each time another way",
        HelpName = "NUMBER",
        DefaultValueFactory = _ => new SelectionOptions().Repeats,
    };

    public static readonly Option<bool> OneStandardError = new("--one-standard-error")
    {
        Description = "Take the smallest C within one standard error of the best",
    };

    public static readonly Option<string> Metric = new("--metric")
    {
        Description = $"What a C is judged by: {string.Join(", ", SelectionMetricNames.All)}",
        HelpName = "NAME",
        DefaultValueFactory = _ => new SelectionOptions().Metric.ToText(),
    };

    public static readonly Option<bool> Nested = new("--nested")
    {
        Description = "Also estimate, by nested cross-validation, how well a head does whose C is chosen this way",
    };

    /// <summary>Only where rows are plain arrays' rows.</summary>
    public static readonly Option<string?> Groups = new("--groups")
    {
        Description = "The groups of --codes: N whole numbers, a .npy file; images of one group never lie on both sides of a fold",
        HelpName = "FILE",
    };

    private static readonly Option[] All = [Folds, Repeats, OneStandardError, Metric, Nested, Groups];

    public static void AddTo(Command command)
    {
        command.Add(Folds);
        command.Add(Repeats);
        command.Add(OneStandardError);
        command.Add(Metric);
        command.Add(Nested);
    }

    /// <summary>What the command line says; the file of groups is read here.</summary>
    /// <exception cref="OnnxTransferException">
    /// Usage: values that mean nothing, or that go with a choice of C where C is given; Data: the file.
    /// </exception>
    public static SelectionOptions Of(ParseResult parsed)
    {
        if (parsed.GetValue(HeadOptionsGroup.C) is not null
            && Array.Find(All, option => parsed.GetResult(option) is { Implicit: false }) is { } pointless)
        {
            throw new OnnxTransferException(
                FailureKind.Usage, $"{pointless.Name} is about the choice of C, and --c gives it; leave one of the two out.");
        }

        var options = new SelectionOptions
        {
            Folds = parsed.GetValue(Folds),
            Repeats = parsed.GetValue(Repeats),
            Rule = parsed.GetValue(OneStandardError) ? SelectionRule.OneStandardError : SelectionRule.Best,
            Metric = SelectionMetricNames.Parse(parsed.GetValue(Metric)!),
            Nested = parsed.GetValue(Nested),
        };
        options.Check();
        return parsed.GetResult(Groups) is not null && parsed.GetValue(Groups) is { } file ? options with { Groups = Npy.ReadLabels(file) } : options;
    }
}
