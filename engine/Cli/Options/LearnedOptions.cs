using System.CommandLine;
using OnnxTransfer.Engine;
using OnnxTransfer.FineTuning;
using OnnxTransfer.Heads;

namespace OnnxTransfer.Cli.Options;

/// <summary>Options that choose what of a network is learned, and from what loss.</summary>
internal static class LearnedOptions
{
    private static readonly FineTuneOptions Usual = new();

    public static readonly Option<string> TrainFrom = new("--train-from")
    {
        Description = "What is learned: all, head, a stage (stage4: it and all after it), or a layer (all after it)",
        HelpName = "NAME",
        DefaultValueFactory = _ => Usual.TrainFrom,
    };

    public static readonly Option<string?> Freeze = Of<string?>(
        "--freeze", "all-but-bn: of what is learned, only scales and shifts of normalisations, and the head", null, "all-but-bn");

    public static readonly Option<string> BatchNorm = Of<string>(
        "--batch-norm", "keep: batch normalisations keep their statistics; train: they take the batch's and go on with theirs", "keep", "keep", "train");

    public static readonly Option<string> Loss = new("--loss")
    {
        Description = "What head and network are trained with: softmax; one-vs-rest: svm (squared hinge), logistic",
        HelpName = "LOSS",
        DefaultValueFactory = _ => Usual.Head.Loss.ToText(),
    };

    public static readonly Option<double> Smoothing = new("--smoothing") { Description = "Label smoothing, with softmax", HelpName = "NUMBER", DefaultValueFactory = _ => Usual.Smoothing };

    public static void AddTo(Command command)
    {
        foreach (var option in (Option[])[TapOptions.Tap, TapOptions.Pooling, TrainFrom, Freeze, BatchNorm, Loss, Smoothing])
        {
            command.Add(option);
        }

        BackboneOptionsGroup.AddTo(command);
        ExtractionOptionsGroup.AddTo(command);
        command.Add(OutputOptions.Json);
    }

    /// <summary>The options that these choose, and how photos are read.</summary>
    public static FineTuneOptions Of(ParseResult parsed) => new()
    {
        Tap = parsed.GetRequiredValue(TapOptions.Tap),
        Pooling = PoolingNames.Parse(parsed.GetRequiredValue(TapOptions.Pooling)),
        Head = Usual.Head with { Loss = HeadLossNames.Parse(parsed.GetRequiredValue(Loss)) },
        TrainFrom = parsed.GetRequiredValue(TrainFrom),
        OnlyNormalisations = parsed.GetValue(Freeze) is not null,
        BatchStatistics = parsed.GetValue(BatchNorm) == "train",
        Smoothing = parsed.GetValue(Smoothing),
        Extraction = ExtractionOptionsGroup.Of(parsed),
    };

    private static Option<T> Of<T>(string name, string description, T usual, params string[] values)
    {
        var option = new Option<T>(name) { Description = description, HelpName = "HOW" };
        if (usual is not null)
        {
            option.DefaultValueFactory = _ => usual;
        }

        option.AcceptOnlyFromAmong(values);
        return option;
    }
}
