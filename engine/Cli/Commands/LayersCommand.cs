using System.CommandLine;
using System.Text.Json.Nodes;
using OnnxTransfer.Cli.Options;
using OnnxTransfer.Cli.Output;
using OnnxTransfer.Datasets;
using OnnxTransfer.Engine;
using OnnxTransfer.Heads;
using OnnxTransfer.Study;

namespace OnnxTransfer.Cli.Commands;

/// <summary><c>onnxtransfer layers</c>: which layer of a network suits a set of photos.</summary>
internal static class LayersCommand
{
    public static Command Create()
    {
        var data = new Argument<string>("DATA") { Description = "A folder with a sub-folder of photos per class (or train/ and test/ above them), a .csv or .jsonl list, or IDX files" };
        var taps = new Option<string?>("--taps", "-t") { Description = "The layers, separated by commas: tensors, nodes or aliases [default: ends of stages and blocks, poolings]", HelpName = "NAMES" };
        var all = new Option<bool>("--all") { Description = "Every layer that `onnxtransfer taps` lists" };
        var poolings = new Option<string>("--poolings") { Description = $"How positions are pooled, separated by commas: {string.Join(", ", PoolingNames.All)}", HelpName = "NAMES", DefaultValueFactory = _ => "avg,max,grid2" };
        var heads = new Option<string>("--heads") { Description = "The heads, separated by commas: softmax, svm, hinge, crammer-singer, logistic, ridge", HelpName = "NAMES", DefaultValueFactory = _ => "softmax,svm" };
        var milliseconds = new Option<double?>("--max-ms") { Description = "What an image may take on this machine, up to the recommended layer", HelpName = "NUMBER" };
        var megabytes = new Option<double?>("--max-mb") { Description = "What backbone and head may weigh, up to the recommended layer", HelpName = "NUMBER" };
        var seed = new Option<int>("--seed") { Description = "The seed of the folds", HelpName = "NUMBER" };
        var store = new Option<string?>("--store") { Description = "A folder that keeps the codes, for the next time", HelpName = "FOLDER" };
        var html = new Option<string?>("--report") { Description = "An HTML file that shows it all: plots, mistakes, a map of the codes; it opens from the disk", HelpName = "FILE" };
        var command = new ExampleCommand("layers", "Compare the layers of a network on labelled photos, and recommend one.", "onnxtransfer layers flowers --max-ms 20 --report flowers.html")
        {
            data, taps, all, poolings, heads, milliseconds, megabytes, seed, store, html,
        };
        BackboneOptionsGroup.AddTo(command);
        ExtractionOptionsGroup.AddTo(command);
        command.Add(OutputOptions.Json);
        command.SetAction((parsed, cancellation) => Task.FromResult(Run(
            parsed,
            LabelledImages.Open(parsed.GetRequiredValue(data)),
            new LayerStudyOptions
            {
                Taps = parsed.GetValue(taps) is { } names ? TapOptions.Split(names, "--taps") : null,
                All = parsed.GetValue(all),
                Poolings = TapOptions.PoolingsOf(parsed.GetRequiredValue(poolings), "--poolings"),
                Losses = Array.ConvertAll(TapOptions.Split(parsed.GetRequiredValue(heads), "--heads"), LayerStudyOptions.ParseLoss),
                Head = new HeadOptions { Standardize = true, Seed = parsed.GetValue(seed) },
                Budget = new Budget(parsed.GetValue(milliseconds), parsed.GetValue(megabytes)),
                Store = parsed.GetValue(store),
                Extraction = ExtractionOptionsGroup.Of(parsed),
            },
            parsed.GetValue(html),
            cancellation)));
        return command;
    }

    private static int Run(ParseResult parsed, LabelledImages images, LayerStudyOptions options, string? html, CancellationToken cancellation)
    {
        if (html is not null)
        {
            WholeFile.RequirePlace(html);
        }

        var report = new Report(parsed);
        using var backbone = BackboneOptionsGroup.Load(parsed);
        var (study, content) = ProgressBar.Study(report, progress => LayerStudy.Run(
            backbone, images,
            (study, codes) => (study, html is null ? null : ReportCollector.Collect(
                study, codes, backbone, images, options, Sentences.CommandLine(parsed), Fit, progress, cancellation)),
            options, progress, cancellation));
        report.Print(study.Notes, study.Skipped);
        report.Line($"{images.Source}: {study.Classes.Count} classes, {Sentences.Images(study.TrainImages)} to learn from"
            + (study.TestImages > 0 ? $", {study.TestImages} to test with" : ", no test part"));
        report.Print(study.Proof);
        report.People.Write(LayerTable.Of(study));
        report.Line(LayerTable.Verdict(study));
        report.Line(Concatenation.Sentence(study.Concatenations, study.Budget));
        report.Line(study.Guesses.Sentence);
        report.Line($"Go on with: {Fit(new JoinedTaps(study.Recommended.Chosen.Tap), study.Recommended.Chosen.Loss)}");
        if (Concatenation.Better(study.Concatenations) is { } better)
        {
            report.Line($"Or joined:  {Fit(better.Taps, better.Best.Loss)}");
        }

        if (content is not null)
        {
            HtmlReport.Write(html!, content, cancellation);
            report.Line($"Report: {html}");
        }

        report.Print(study.Stages);
        report.Object(() => Describe(study, backbone, images.Source, html));
        return study.Scores.All(static score => score.Converged) ? 0 : (int)FailureKind.Mathematics;

        string Fit(JoinedTaps taps, HeadLoss loss) => NextCommand.Fit(parsed, images.Source, taps, loss);
    }

    private static JsonObject Describe(LayerReport study, Backbone backbone, string source, string? html) => new()
    {
        ["data"] = source,
        ["backbone"] = Json.Of(backbone),
        ["classes"] = study.Classes.Count,
        ["trainImages"] = study.TrainImages,
        ["testImages"] = study.TestImages,
        ["proof"] = Json.Of(study.Proof),
        ["layers"] = Json.List(study.Scores, score => Describe(score, study.Recommended.Best)),
        ["best"] = Name(study.Recommended.Best),
        ["recommended"] = Name(study.Recommended.Chosen),
        ["unproved"] = study.Recommended.Unproved is { } unproved ? Name(unproved) : null,
        ["concatenations"] = Json.List(study.Concatenations, Describe),
        ["rankCorrelation"] = Describe(study.Guesses),
        ["report"] = html,
        ["skipped"] = Json.Of(study.Skipped),
        ["notes"] = Json.List(study.Notes, note => note),
        ["stages"] = Json.List(study.Stages, stage => new JsonObject { ["stage"] = stage.Stage, ["seconds"] = stage.Seconds }),
    };

    private static JsonObject Name(LayerScore score) => new()
    {
        ["tap"] = score.Tap.Point.Name,
        ["alias"] = Json.Alias(score.Tap.Point),
        ["pooling"] = score.Tap.Pooling.ToText(),
        ["head"] = score.Loss.ToText(),
    };

    private static JsonObject Describe(LayerScore score, LayerScore best)
    {
        var json = Name(score);
        json["codeLength"] = score.Tap.Width;
        json["costPercent"] = score.Tap.Point.CostPercent;
        json["receptiveField"] = score.Tap.Point.ReceptiveField;
        json["msPerImage"] = score.Cost.MillisecondsAlone;
        json["msPerImageInBatch"] = score.Cost.MillisecondsInBatch;
        json["bytes"] = score.Bytes;
        json["c"] = score.C;
        json["cvAccuracy"] = score.CrossValidated.Accuracy;
        json["cvInterval"] = Json.Of(score.CrossValidated.Interval);
        json["pValue"] = Recommendation.PValueOf(score, best);
        json["logMe"] = score.LogMe;
        json["hScore"] = score.HScore;
        json["testAccuracy"] = score.Test?.Accuracy;
        json["testInterval"] = score.Test is { } test ? Json.Of(test.AccuracyInterval) : null;
        json["converged"] = score.Converged;
        return json;
    }

    private static JsonObject Describe(AccuracyGuesses guesses) => new()
    {
        ["method"] = "kendall-tau-b",
        ["layers"] = guesses.Layers,
        ["logMe"] = guesses.LogMe,
        ["hScore"] = guesses.HScore,
    };

    private static JsonObject Describe(Concatenation pair) => new()
    {
        ["layers"] = Json.List([pair.Best, pair.Other], Name),
        ["codeLength"] = pair.Taps.Width,
        ["c"] = pair.C,
        ["cvAccuracy"] = pair.CrossValidated.Accuracy,
        ["cvInterval"] = Json.Of(pair.CrossValidated.Interval),
        ["pValue"] = pair.PValue,
        ["adjustedPValue"] = pair.AdjustedPValue,
        ["pays"] = pair.Pays,
    };
}
