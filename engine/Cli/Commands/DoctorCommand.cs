using System.CommandLine;
using System.Text.Json.Nodes;
using OnnxTransfer.Cli.Options;
using OnnxTransfer.Cli.Output;
using OnnxTransfer.Datasets;
using OnnxTransfer.Engine;
using OnnxTransfer.Study;

namespace OnnxTransfer.Cli.Commands;

/// <summary><c>onnxtransfer doctor</c>: what is wrong with a set of photos.</summary>
internal static class DoctorCommand
{
    public static Command Create()
    {
        var data = new Argument<string>("DATA") { Description = "A folder with a sub-folder of photos per class (or train/ and test/ above them), a .csv or .jsonl list, or IDX files" };
        var output = new Option<string?>("--output", "-o") { Description = "The folder for findings.csv and sheets of the images [default: NAME-doctor, after DATA]", HelpName = "FOLDER" };
        var seed = new Option<int>("--seed") { Description = "The seed of the folds", HelpName = "NUMBER" };
        var store = new Option<string?>("--store") { Description = "A folder that keeps the codes, for the next time", HelpName = "FOLDER" };
        var command = new ExampleCommand("doctor", "Find what is wrong with labelled photos: doubtful labels, copies, classes that overlap, strange images.", "onnxtransfer doctor flowers")
        {
            data, output, TapOptions.TapOrLast, TapOptions.Pooling, seed, store,
        };
        BackboneOptionsGroup.AddTo(command);
        ExtractionOptionsGroup.AddTo(command);
        command.Add(OutputOptions.Json);
        command.SetAction((parsed, cancellation) => Task.FromResult(Run(
            parsed,
            LabelledImages.Open(parsed.GetRequiredValue(data)),
            parsed.GetValue(output) ?? FolderFor(parsed.GetRequiredValue(data)),
            new DoctorOptions
            {
                Tap = parsed.GetValue(TapOptions.TapOrLast),
                Pooling = PoolingNames.Parse(parsed.GetRequiredValue(TapOptions.Pooling)),
                Seed = parsed.GetValue(seed),
                Store = parsed.GetValue(store),
                Extraction = ExtractionOptionsGroup.Of(parsed),
            },
            cancellation)));
        return command;
    }

    private static int Run(ParseResult parsed, LabelledImages images, string folder, DoctorOptions options, CancellationToken cancellation)
    {
        var report = new Report(parsed);
        DoctorFolder.RequirePlace(folder, images);
        using var backbone = BackboneOptionsGroup.Load(parsed);
        var found = ProgressBar.Study(report, progress => Doctor.Run(backbone, images, options, progress, cancellation));
        var files = DoctorFolder.Write(folder, found.Report, images, options.Extraction);
        report.Print(found.Notes, found.Skipped);
        report.Line($"{images.Source}: {found.Classes.Count} classes, {Sentences.Images(found.Images)}"
            + (found.TestImages > 0 ? $", {found.TestImages} of them to test with" : string.Empty)
            + $"; codes of {backbone.Model.Name} at {string.Join(", ", found.Taps.Select(static tap => tap.Key))}");
        report.Print(found.Proof);
        DoctorTables.Print(report, found.Report);
        report.Line("Time: " + string.Join(", ", found.Stages.Select(stage => $"{stage.Stage} {Sentences.Seconds(stage.Seconds)}")));
        report.Line($"Look at them in {folder}: {string.Join(", ", files)}");
        report.Object(() => Describe(found, backbone, images.Source, folder, files));
        return 0;
    }

    /// <summary>In the current folder, named after the set.</summary>
    private static string FolderFor(string data) =>
        Path.GetFileNameWithoutExtension(Path.TrimEndingDirectorySeparator(Path.GetFullPath(data))) is { Length: > 0 } name ? $"{name}-doctor" : "doctor";

    private static JsonObject Describe(Examination found, Backbone backbone, string source, string folder, IReadOnlyList<string> files) => new()
    {
        ["data"] = source,
        ["backbone"] = Json.Of(backbone),
        ["layers"] = Json.List(found.Taps, tap => new JsonObject { ["tap"] = tap.Point.Name, ["alias"] = Json.Alias(tap.Point), ["pooling"] = tap.Pooling.ToText() }),
        ["proof"] = Json.Of(found.Proof),
        ["classes"] = found.Classes.Count,
        ["images"] = found.Images,
        ["testImages"] = found.TestImages,
        ["suspectLabels"] = found.Report.SuspectLabels,
        ["labels"] = Json.List(found.Report.Labels, of => new JsonObject
        {
            ["image"] = of.Image,
            ["label"] = of.Label,
            ["suggested"] = of.Suggested,
            ["margin"] = of.Margin,
        }),
        ["duplicates"] = Json.List(found.Report.Duplicates, of => new JsonObject
        {
            ["image"] = of.Image,
            ["other"] = of.Other,
            ["similarity"] = of.Similarity,
            ["mirrored"] = of.Mirrored,
            ["acrossParts"] = of.AcrossParts,
            ["sameLabel"] = of.SameLabel,
        }),
        ["overlaps"] = Json.List(found.Report.Overlaps, of => new JsonObject
        {
            ["first"] = of.First,
            ["second"] = of.Second,
            ["firstAsSecond"] = of.FirstAsSecond,
            ["secondAsFirst"] = of.SecondAsFirst,
            ["share"] = of.Share,
        }),
        ["strangers"] = Json.List(found.Report.Strangers, of => new JsonObject
        {
            ["image"] = of.Image,
            ["label"] = of.Label,
            ["nearest"] = of.Nearest,
            ["distance"] = of.Distance,
        }),
        ["output"] = folder,
        ["files"] = Json.List(files, file => file),
        ["skipped"] = Json.Of(found.Skipped),
        ["notes"] = Json.List(found.Notes, note => note),
        ["stages"] = Json.List(found.Stages, stage => new JsonObject { ["stage"] = stage.Stage, ["seconds"] = stage.Seconds }),
    };
}
