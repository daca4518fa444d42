using System.CommandLine;
using System.Text.Json.Nodes;
using OnnxTransfer.Cli.Options;
using OnnxTransfer.Cli.Output;
using OnnxTransfer.Datasets;
using OnnxTransfer.Study;

namespace OnnxTransfer.Cli.Commands;

/// <summary><c>onnxtransfer advise</c>: what to do with a network and a set of photos.</summary>
internal static class AdviseCommand
{
    public static Command Create()
    {
        var data = new Argument<string>("DATA") { Description = "A folder with a sub-folder of photos per class (or train/ and test/ above them), a .csv or .jsonl list, or IDX files" };
        var reference = new Option<string?>("--reference") { Description = "The statistics of the network's codes on photos like those that it was trained on [default: NAME.statistics.json beside the model, or those that come with the tool]", HelpName = "FILE" };
        var make = new Option<string?>("--make-reference") { Description = "Write those statistics instead, from DATA; WORDS say in the file what DATA is", HelpName = "WORDS" };
        var seed = new Option<int>("--seed") { Description = "The seed of the folds and of the learning curve's shares", HelpName = "NUMBER" };
        var store = new Option<string?>("--store") { Description = "A folder that keeps the codes, for the next time", HelpName = "FOLDER" };
        var command = new ExampleCommand("advise", "Measure whether a set of photos is small or large, similar to the pretraining photos or different, and say what to do.", "onnxtransfer advise flowers")
        {
            data, reference, make, seed, store,
        };
        BackboneOptionsGroup.AddTo(command);
        ExtractionOptionsGroup.AddTo(command);
        command.Add(OutputOptions.Json);
        command.SetAction((parsed, cancellation) =>
        {
            var images = LabelledImages.Open(parsed.GetRequiredValue(data));
            var options = new AdviceOptions
            {
                Reference = parsed.GetValue(reference),
                Store = parsed.GetValue(store),
                Seed = parsed.GetValue(seed),
                Extraction = ExtractionOptionsGroup.Of(parsed),
            };
            return Task.FromResult(parsed.GetValue(make) is { } words ? Make(parsed, images, words, options, cancellation) : Run(parsed, images, options, cancellation));
        });
        return command;
    }

    private static int Run(ParseResult parsed, LabelledImages images, AdviceOptions options, CancellationToken cancellation)
    {
        var report = new Report(parsed);
        using var backbone = BackboneOptionsGroup.Load(parsed);
        var advice = ProgressBar.Study(report, progress => Advisor.Run(backbone, images, options, progress, cancellation));
        var next = NextCommand.Of(parsed, images.Source, advice, backbone);
        report.Print(advice.Study.Notes, advice.Study.Skipped);
        AdviceTables.Print(report, advice);
        report.Line($"Go on with: {next}");
        report.Object(() => AdviceJson.Of(advice, backbone, images.Source, next));
        return advice.Study.Scores.All(static score => score.Converged) ? 0 : (int)FailureKind.Mathematics;
    }

    private static int Make(ParseResult parsed, LabelledImages images, string words, AdviceOptions options, CancellationToken cancellation)
    {
        var report = new Report(parsed);
        using var backbone = BackboneOptionsGroup.Load(parsed);
        var path = options.Reference ?? ReferenceStatistics.PathOf(backbone);
        var known = File.Exists(path) ? ReferenceStatistics.Read(path, backbone) : new ReferenceStatistics(backbone.Model.WeightsSha256, []);
        WholeFile.RequirePlace(path);
        var reference = ProgressBar.Extraction(report, "Extracting codes", progress => Advisor.MakeReference(backbone, images, words, options, progress, cancellation));
        known.With(reference).Write(path);
        report.Line($"{path}: means and variances of {reference.Layers.Count} layers of {backbone.Model.Name} over {Sentences.Images(reference.Images)} at {backbone.Recipe.Size} x {backbone.Recipe.Size}");
        report.Object(() => new JsonObject
        {
            ["reference"] = path,
            ["madeOf"] = reference.MadeOf,
            ["images"] = reference.Images,
            ["size"] = backbone.Recipe.Size,
            ["layers"] = reference.Layers.Count,
        });
        return 0;
    }
}
