using System.CommandLine;
using System.Globalization;
using System.Text.Json.Nodes;
using OnnxTransfer.Cli.Options;
using OnnxTransfer.Cli.Output;
using OnnxTransfer.Datasets;
using OnnxTransfer.Engine;
using OnnxTransfer.Heads;
using OnnxTransfer.Study;

namespace OnnxTransfer.Cli.Commands;

/// <summary><c>onnxtransfer fit</c>: photos in, a tested and exported classifier out.</summary>
internal static class FitCommand
{
    public static Command Create()
    {
        var data = new Argument<string>("DATA") { Description = "A folder with a sub-folder of photos per class (or train/ and test/ above them), a .csv or .jsonl list, or IDX files" };
        var output = new Option<string>("--output", "-o") { Description = "Where the model goes", HelpName = "FILE", DefaultValueFactory = _ => "model.onnx" };
        var share = new Option<double>("--test-share") { Description = "The share kept for the test where DATA has no test part", HelpName = "SHARE", DefaultValueFactory = _ => 0.2 };
        var seed = new Option<int>("--seed") { Description = "The seed of that split and of the folds", HelpName = "NUMBER" };
        var store = new Option<string?>("--store") { Description = "A folder that keeps the codes, for the next time", HelpName = "FOLDER" };
        var raw = new Option<bool>("--no-standardize") { Description = "Train on the codes as they are, not brought to mean 0 and variance 1" };
        var command = new ExampleCommand("fit", "Make a classifier from labelled photos: extract codes, choose a layer, train a head, test it, export one .onnx.", "onnxtransfer fit flowers -o flowers.onnx")
        {
            data, output, TapOptions.TapOrAuto, TapOptions.PoolingOfEach,
        };
        BackboneOptionsGroup.AddTo(command);
        HeadOptionsGroup.AddTo(command);
        command.Add(raw);
        command.Add(share);
        command.Add(seed);
        command.Add(store);
        ExtractionOptionsGroup.AddTo(command);
        command.Add(OutputOptions.Json);
        command.SetAction((parsed, cancellation) => Task.FromResult(Run(
            parsed,
            LabelledImages.Open(parsed.GetRequiredValue(data)),
            parsed.GetRequiredValue(output),
            new FitOptions
            {
                Taps = TapOptions.Split(parsed.GetRequiredValue(TapOptions.TapOrAuto), "--tap"),
                Poolings = TapOptions.PoolingsOf(parsed.GetRequiredValue(TapOptions.PoolingOfEach), "--pooling"),
                Head = HeadOptionsGroup.Of(parsed, !parsed.GetValue(raw)) with { Seed = parsed.GetValue(seed) },
                Calibration = HeadOptionsGroup.CalibrationOf(parsed),
                TestShare = parsed.GetValue(share),
                Seed = parsed.GetValue(seed),
                Store = parsed.GetValue(store),
                Extraction = ExtractionOptionsGroup.Of(parsed),
            },
            cancellation)));
        return command;
    }

    private static int Run(ParseResult parsed, LabelledImages images, string output, FitOptions options, CancellationToken cancellation)
    {
        var report = new Report(parsed);
        using var backbone = BackboneOptionsGroup.Load(parsed);
        var (fit, layers, choice) = options.Taps is [TapOptions.Auto]
            ? ProgressBar.Study(report, progress => AutoFit.Run(backbone, images, output, options, progress, cancellation))
            : new AutoFitReport(ProgressBar.Extraction(report, "Extracting codes", progress => Fit.Run(backbone, images, output, options, progress, cancellation)), [], null);
        report.Print(fit.Notes, fit.Skipped);
        report.Line($"{images.Source}: {fit.Head.Labels.Count} classes, {Sentences.Images(fit.TrainImages)} to learn from, {fit.Test.Images} to test with"
            + (fit.SplitWasGiven ? string.Empty : " (split by chance, every class alike)"));
        if (choice is not null)
        {
            report.People.Write(LayerTable.Of(layers, choice));
            report.Line(LayerTable.Verdict(choice));
        }

        report.Line(string.Create(
            CultureInfo.InvariantCulture,
            $"Codes: {backbone.Model.Name} at {Sentences.Places(fit.Taps)}, {fit.Taps.Width} numbers an image, {backbone.Taps.CostPercent(fit.Taps):F0} % of the network"));
        report.Print(fit.Proof);
        report.Print(fit.Head);
        report.Line();
        EvaluationTables.Print(report, "Test accuracy", fit.Test);
        report.Line();
        report.Print(fit.Stages);
        report.PrintModel(output);
        report.Object(() => Describe(fit, layers, choice, backbone, images.Source, output));
        return fit.Head.Certificate.Converged ? 0 : (int)FailureKind.Mathematics;
    }

    private static JsonObject Describe(
        FitReport fit, IReadOnlyList<LayerTrial> layers, LayerChoice<LayerTrial>? choice, Backbone backbone, string source, string output)
    {
        var json = new JsonObject
        {
            ["model"] = output,
            ["data"] = source,
            ["backbone"] = Json.Of(backbone),
            ["tap"] = fit.Taps.Names,
            ["alias"] = Json.Alias(fit.Taps),
            ["pooling"] = fit.Taps.Poolings,
            ["codeLength"] = fit.Taps.Width,
            ["costPercent"] = backbone.Taps.CostPercent(fit.Taps),
            ["layers"] = Json.List(layers, layer => new JsonObject
            {
                ["tap"] = layer.Tap.Point.Name,
                ["alias"] = Json.Alias(layer.Tap.Point),
                ["cvAccuracy"] = layer.CrossValidated.Accuracy,
                ["cvInterval"] = Json.Of(layer.CrossValidated.Interval),
                ["pValue"] = Recommendation.PValueOf(layer, choice!.Best),
            }),
            ["proof"] = Json.Of(fit.Proof),
            ["head"] = fit.Head.Loss.ToText(),
            ["c"] = Json.C(fit.Head),
            ["normalised"] = fit.Head.Normalized,
            ["standardised"] = fit.Head.Standardized,
            ["certificate"] = Json.Of(fit.Head.Certificate),
            ["selection"] = Json.Of(fit.Head.Selection),
            ["calibration"] = Json.Of(fit.Head.Calibration),
            ["splitWasGiven"] = fit.SplitWasGiven,
            ["trainImages"] = fit.TrainImages,
        };
        json.Add(Json.Of(fit.Test));
        json["skipped"] = Json.Of(fit.Skipped);
        json["notes"] = Json.List(fit.Notes, note => note);
        json["stages"] = Json.List(fit.Stages, stage => new JsonObject { ["stage"] = stage.Stage, ["seconds"] = stage.Seconds });
        return json;
    }
}
