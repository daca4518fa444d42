using System.CommandLine;
using OnnxTransfer.Heads;

namespace OnnxTransfer.Cli.Options;

/// <summary>Options that choose the head and how exactly it is solved.</summary>
internal static class HeadOptionsGroup
{
    public static readonly Option<string> Head = new("--head")
    {
        Description = "softmax; one-vs-rest: svm (squared hinge), hinge, logistic, ridge; crammer-singer; or for a handful of images nearest-mean, lda",
        HelpName = "LOSS",
        DefaultValueFactory = _ => "softmax",
    };

    public static readonly Option<double?> C = new("--c")
    {
        Description = "Weight of the loss against the penalty [default: by stratified cross-validation]",
        HelpName = "NUMBER",
    };

    public static readonly Option<double> Gap = new("--gap")
    {
        Description = "The relative optimality gap to reach",
        HelpName = "NUMBER",
        DefaultValueFactory = _ => 1e-4,
    };

    public static readonly Option<bool> RegularizeIntercept = new("--regularize-intercept")
    {
        Description = "Penalise the intercepts too",
    };

    public static readonly Option<bool> BalanceClasses = new("--balance-classes")
    {
        Description = "Let every class count as much as any other, however many images it has",
    };

    public static readonly Option<bool> Normalize = new("--normalize")
    {
        Description = "Divide every code by its Euclidean length first, in training and whenever the head is used",
    };

    public static readonly Option<int> Threads = new("--threads")
    {
        Description = "Threads of the solver; the result does not depend on it [default: all]",
        HelpName = "NUMBER",
    };

    public static readonly Option<string?> Calibrate = new("--calibrate")
    {
        Description = "Fit probabilities to held-out scores: none, temperature or platt [default: none for softmax and where only weights are written, else temperature]",
        HelpName = "METHOD",
    };

    public static void AddTo(Command command)
    {
        command.Add(Head);
        command.Add(C);
        SelectionOptionsGroup.AddTo(command);
        command.Add(Gap);
        command.Add(RegularizeIntercept);
        command.Add(BalanceClasses);
        command.Add(Normalize);
        command.Add(Threads);
        command.Add(Calibrate);
    }

    public static CalibrationMethod? CalibrationOf(ParseResult parsed) =>
        parsed.GetValue(Calibrate) is { } text ? CalibrationMethodNames.Parse(text) : null;

    public static HeadOptions Of(ParseResult parsed, bool standardize) => new()
    {
        Loss = HeadLossNames.Parse(parsed.GetValue(Head)!),
        C = parsed.GetValue(C),
        RelativeGap = parsed.GetValue(Gap),
        Normalize = parsed.GetValue(Normalize),
        Standardize = standardize,
        RegularizeIntercept = parsed.GetValue(RegularizeIntercept),
        BalanceClasses = parsed.GetValue(BalanceClasses),
        Threads = parsed.GetValue(Threads),
        Selection = SelectionOptionsGroup.Of(parsed),
    };
}
