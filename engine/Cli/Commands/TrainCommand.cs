using System.CommandLine;
using System.Text.Json.Nodes;
using OnnxTransfer.Cli.Options;
using OnnxTransfer.Cli.Output;
using OnnxTransfer.Engine;
using OnnxTransfer.Heads;

namespace OnnxTransfer.Cli.Commands;

/// <summary><c>onnxtransfer train</c>: a head on a store's codes, or on plain arrays.</summary>
internal static class TrainCommand
{
    public static Command Create()
    {
        var store = new Argument<string?>("STORE") { Description = "A folder that extract wrote", Arity = ArgumentArity.ZeroOrOne };
        var tap = new Option<string?>("--tap", "-t") { Description = "The tap of the store to train on; several, separated by commas, are joined [default: the only one]", HelpName = "NAME" };
        var pooling = new Option<string?>("--pooling") { Description = "Its pooling; or one for each tap, separated by commas [default: the only one]", HelpName = "NAME" };
        var codes = new Option<string?>("--codes") { Description = "Instead of a store: codes, a float32 N x D .npy file", HelpName = "FILE" };
        var labels = new Option<string?>("--labels") { Description = "The labels of --codes, a .npy file: N whole numbers from 0; or N x K of 0 and 1 where an image may have any number of labels", HelpName = "FILE" };
        var samples = new Option<string?>("--sample-weights") { Description = "How much each of --codes counts: N numbers of at least 0, float32 or float64, a .npy file", HelpName = "FILE" };
        var output = new Option<string?>("--output", "-o") { Description = "Write the head here, an .onnx of its own", HelpName = "FILE" };
        var weights = new Option<string?>("--weights") { Description = "Write the weights here: K x (D+1), the intercept last, a .npy file; with --normalize those of codes divided by their lengths", HelpName = "FILE" };
        var standardize = new Option<bool>("--standardize") { Description = "Bring every column to mean 0 and variance 1 first, folded into the weights" };
        var part = new Option<string>("--part") { Description = "The part of the store to train on, where the photos were given to parts: train, test, val or all", HelpName = "PART", DefaultValueFactory = _ => "train" };
        part.AcceptOnlyFromAmong("train", "test", "val", "all");
        var command = new ExampleCommand(
            "train", "Train a linear head on codes, with a proof of its optimum.", "onnxtransfer train --codes X.npy --labels y.npy --head softmax --c 1 --weights W.npy --json")
        {
            store, tap, pooling, codes, labels, samples, output, weights,
        };
        HeadOptionsGroup.AddTo(command);
        command.Add(SelectionOptionsGroup.Groups);
        command.Add(standardize);
        command.Add(part);
        command.Add(OutputOptions.Json);
        command.SetAction((parsed, cancellation) =>
        {
            if (parsed.GetValue(codes) is null
                && Array.Find([SelectionOptionsGroup.Groups, samples], option => parsed.GetValue(option) is not null) is { } ofCodes)
            {
                throw new OnnxTransferException(FailureKind.Usage, $"{ofCodes.Name} are those of --codes; give --codes and --labels with it.");
            }

            var options = HeadOptionsGroup.Of(parsed, parsed.GetValue(standardize));
            options.Check();
            if (parsed.GetValue(samples) is { } file)
            {
                options = options with { SampleWeights = Npy.ReadNumbers(file) };
            }

            var calibration = HeadOptionsGroup.CalibrationOf(parsed);
            if (parsed.GetValue(output) is null && parsed.GetValue(weights) is not null)
            {
                // Weights give scores, not probabilities.
                calibration ??= CalibrationMethod.None;
            }

            foreach (var target in new[] { parsed.GetValue(output), parsed.GetValue(weights) }.OfType<string>())
            {
                WholeFile.RequirePlace(target);
            }

            var trained = (parsed.GetValue(store), parsed.GetValue(codes), parsed.GetValue(labels)) switch
            {
                ({ } folder, null, null) => StoreTraining.OnStore(
                    folder,
                    parsed.GetValue(tap) is { } names ? TapOptions.Split(names, "--tap") : null,
                    parsed.GetValue(pooling) is { } list ? TapOptions.PoolingsOf(list, "--pooling") : null,
                    parsed.GetRequiredValue(part),
                    options,
                    calibration,
                    cancellation),
                (null, { } x, { } y) => StoreTraining.OnArrays(x, y, options, calibration, cancellation),
                _ => throw new OnnxTransferException(FailureKind.Usage, "Give either a STORE, or --codes and --labels."),
            };
            return Task.FromResult(Run(parsed, trained, parsed.GetValue(output), parsed.GetValue(weights)));
        });
        return command;
    }

    private static int Run(ParseResult parsed, TrainedHead trained, string? output, string? weights)
    {
        var report = new Report(parsed);
        var head = trained.Head;
        if (output is not null)
        {
            HeadFile.Write(head, trained.Header, trained.Columns, output);
        }

        if (weights is not null)
        {
            Npy.Write(weights, head.Weights, head.Labels.Count, head.Width + 1);
        }

        report.Print(head);
        report.Line($"Solved in {Sentences.Seconds(head.Certificate.Seconds)}" + (output is null ? string.Empty : $"; head: {output}") + (weights is null ? string.Empty : $"; weights: {weights}"));
        if (weights is not null && head.Normalized)
        {
            report.Note($"The weights in {weights} are those of codes divided by their Euclidean lengths; divide codes by theirs before applying them.");
        }

        report.Object(() => new JsonObject
        {
            ["head"] = head.Loss.ToText(),
            ["c"] = Json.C(head),
            ["normalised"] = head.Normalized,
            ["standardised"] = head.Standardized,
            ["multiLabel"] = head.IsMultiLabel,
            ["classes"] = head.Labels.Count,
            ["labels"] = Json.List(head.Labels, label => label),
            ["codeLength"] = head.Width,
            ["objective"] = Json.Finite(head.Certificate.Objective),
            ["relativeGap"] = Json.Finite(head.Certificate.RelativeGap),
            ["passes"] = head.Certificate.Passes,
            ["seconds"] = head.Certificate.Seconds,
            ["certificate"] = Json.Of(head.Certificate),
            ["selection"] = Json.Of(head.Selection),
            ["calibration"] = Json.Of(head.Calibration),
            ["output"] = output,
            ["weights"] = weights,
        });
        return head.Certificate.Converged ? 0 : (int)FailureKind.Mathematics;
    }
}
