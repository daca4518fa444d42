using System.CommandLine;
using System.Globalization;
using System.Text.Json.Nodes;
using OnnxTransfer.Cli.Options;
using OnnxTransfer.Cli.Output;
using OnnxTransfer.Datasets;
using OnnxTransfer.Engine;
using OnnxTransfer.FineTuning;
using OnnxTransfer.Heads;

namespace OnnxTransfer.Cli.Commands;

/// <summary><c>onnxtransfer finetune export-artifacts</c>: the files that ONNX Runtime Training trains with on another device.</summary>
internal static class ExportArtifactsCommand
{
    public static Command Create()
    {
        var data = new Argument<string?>("DATA") { Description = "Labelled photos, as for finetune: the model begins with a linear head that is trained on them", Arity = ArgumentArity.ZeroOrOne };
        var classes = new Option<string?>("--classes") { Description = "In the place of DATA: the classes, separated by commas; the head begins at 0", HelpName = "NAMES" };
        var output = new Option<string>("--output", "-o") { Description = "The folder that the files go to", HelpName = "FOLDER", Required = true };
        var seed = new Option<int>("--seed") { Description = "The seed of DATA's split", HelpName = "NUMBER" };
        var command = new ExampleCommand(
            "export-artifacts", "Write the files with which ONNX Runtime Training trains the network on a phone, in a browser or elsewhere.",
            "onnxtransfer finetune export-artifacts --classes daisy,rose,tulip --train-from stage4 -o artifacts")
        {
            data, classes, output, seed,
        };
        LearnedOptions.AddTo(command);
        command.SetAction((parsed, cancellation) => Task.FromResult(Run(
            parsed,
            parsed.GetValue(data),
            parsed.GetValue(classes),
            parsed.GetRequiredValue(output),
            LearnedOptions.Of(parsed) with { Seed = parsed.GetValue(seed) },
            cancellation)));
        return command;
    }

    private static int Run(ParseResult parsed, string? data, string? classes, string folder, FineTuneOptions options, CancellationToken cancellation)
    {
        if (data is null == classes is null)
        {
            throw new OnnxTransferException(FailureKind.Usage, "Give either DATA, labelled photos to begin with a trained head, or --classes, names to begin with a blank one.");
        }

        var report = new Report(parsed);
        using var backbone = BackboneOptionsGroup.Load(parsed);
        var written = classes is not null
            ? ArtifactExport.Write(backbone, TapOptions.Split(classes, "--classes"), folder, options)
            : ProgressBar.Extraction(report, "Extracting codes", progress => ArtifactExport.Write(backbone, LabelledImages.Open(data!), folder, options, progress, cancellation));
        report.Print([], written.Skipped);
        report.Line(string.Create(
            CultureInfo.InvariantCulture,
            $"{folder}: {backbone.Model.Name} with a head at {written.Tap.Point.Name} for {written.Labels.Count} classes, {(written.Head is null ? "blank" : "trained")}; {written.Learned:N0} numbers are learned."));
        report.Line($"Files: {string.Join(", ", written.Files)}. {ArtifactExport.DescriptionFile} says what goes in and comes out.");
        report.Object(() => new JsonObject
        {
            ["folder"] = folder,
            ["files"] = Json.List(written.Files, file => file),
            ["data"] = data,
            ["backbone"] = Json.Of(backbone),
            ["tap"] = written.Tap.Point.Name,
            ["alias"] = Json.Alias(written.Tap.Point),
            ["pooling"] = written.Tap.Pooling.ToText(),
            ["trainFrom"] = options.TrainFrom,
            ["loss"] = options.Head.Loss.ToText(),
            ["learnedNumbers"] = written.Learned,
            ["headIsTrained"] = written.Head is not null,
            ["labels"] = Json.List(written.Labels, label => label),
            ["skipped"] = Json.Of(written.Skipped),
        });
        return 0;
    }
}
