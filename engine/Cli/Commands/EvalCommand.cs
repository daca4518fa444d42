using System.CommandLine;
using System.Text.Json.Nodes;
using OnnxTransfer.Cli.Options;
using OnnxTransfer.Cli.Output;
using OnnxTransfer.Datasets;
using OnnxTransfer.Engine;

namespace OnnxTransfer.Cli.Commands;

/// <summary><c>onnxtransfer eval</c>: an exported model against labelled photos.</summary>
internal static class EvalCommand
{
    public static Command Create()
    {
        var model = new Argument<string>("MODEL") { Description = "A model that fit or export wrote" };
        var data = new Argument<string>("DATA") { Description = "Labelled photos, as for fit" };
        var part = new Option<string?>("--part") { Description = "train, test, val or all [default: test where DATA has it, else all]", HelpName = "PART" };
        part.AcceptOnlyFromAmong("train", "test", "val", "all");
        var command = new ExampleCommand("eval", "Test an exported model on labelled photos.", "onnxtransfer eval flowers.onnx more-flowers") { model, data, part };
        ExtractionOptionsGroup.AddTo(command);
        command.Options.Remove(ExtractionOptionsGroup.Workers);
        command.Add(OutputOptions.Json);
        command.SetAction((parsed, cancellation) => Task.FromResult(
            Run(parsed, parsed.GetRequiredValue(model), parsed.GetRequiredValue(data), parsed.GetValue(part), cancellation)));
        return command;
    }

    private static int Run(ParseResult parsed, string path, string data, string? part, CancellationToken cancellation)
    {
        var report = new Report(parsed);
        using var model = ImageClassifier.Load(path);
        var set = LabelledImages.Open(data);
        part ??= set.Splits.Contains("test") ? "test" : "all";
        var images = part == "all" ? set : set.OfSplit(part);
        var result = ProgressBar.Images(report, "Classifying", images.Count, progress => ModelEvaluation.Of(
            model, images, ExtractionOptionsGroup.Decoding(parsed), parsed.GetValue(ExtractionOptionsGroup.MaxBad), progress, cancellation));
        report.Print(set.Notes, result.Skipped);
        report.Line($"{path} on {data} ({(part == "all" ? "all images" : $"the {part} part")}, {Sentences.Images(result.Evaluation.Images)})");
        EvaluationTables.Print(report, "Accuracy", result.Evaluation);
        report.Object(() =>
        {
            var json = new JsonObject { ["model"] = path, ["data"] = data, ["part"] = part };
            json.Add(Json.Of(result.Evaluation));
            json["skipped"] = Json.Of(result.Skipped);
            json["notes"] = Json.List(set.Notes, note => note);
            return json;
        });
        return 0;
    }
}
