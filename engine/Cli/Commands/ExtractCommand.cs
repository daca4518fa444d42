using System.CommandLine;
using System.Diagnostics;
using System.Text.Json.Nodes;
using OnnxTransfer.Cli.Options;
using OnnxTransfer.Cli.Output;
using OnnxTransfer.Datasets;
using OnnxTransfer.Engine;

namespace OnnxTransfer.Cli.Commands;

/// <summary><c>onnxtransfer extract</c>: photos in, a store of codes out.</summary>
internal static class ExtractCommand
{
    public static Command Create()
    {
        var data = new Argument<string>("DATA") { Description = "Photos, as for fit; labels may be missing" };
        var store = new Option<string>("--output", "-o") { Description = "The folder of the store; it is resumed where it exists", HelpName = "STORE", Required = true };
        var batch = new Option<int?>("--batch") { Description = "Images a run of the network; part of what makes the codes [default: 1, or 32 on a GPU]", HelpName = "NUMBER" };
        var block = new Option<int>("--block") { Description = "Images a block of the store: what a kill can lose at most", HelpName = "NUMBER", DefaultValueFactory = _ => new ExtractionOptions().BlockRows };
        var command = new ExampleCommand(
            "extract", "Read codes of photos at one or more taps, in one pass, into a store.", "onnxtransfer extract flowers -o flowers.codes --tap stage3,penultimate --pooling avg,max")
        {
            data, store, TapOptions.Taps, TapOptions.Poolings,
        };
        BackboneOptionsGroup.AddTo(command);
        ExtractionOptionsGroup.AddTo(command);
        command.Add(batch);
        command.Add(block);
        command.Add(OutputOptions.Json);
        command.SetAction((parsed, cancellation) => Task.FromResult(Run(
            parsed,
            LabelledImages.Open(parsed.GetRequiredValue(data)),
            parsed.GetRequiredValue(store),
            ExtractionOptionsGroup.Of(parsed) with
            {
                Batch = parsed.GetValue(batch) ?? ExtractionOptionsGroup.Of(parsed).Batch,
                BlockRows = parsed.GetValue(block),
            },
            cancellation)));
        return command;
    }

    private static int Run(ParseResult parsed, LabelledImages images, string store, ExtractionOptions options, CancellationToken cancellation)
    {
        var report = new Report(parsed);
        var start = Stopwatch.GetTimestamp();
        using var backbone = BackboneOptionsGroup.Load(parsed);
        var taps = TapOptions.Of(parsed, backbone);
        using var codes = ProgressBar.Extraction(report, "Extracting", progress => backbone.Extract(images, taps, store, options, progress, cancellation));
        var seconds = Stopwatch.GetElapsedTime(start).TotalSeconds;
        report.Print(images.Notes, codes.Skipped);
        report.Line($"{Sentences.Images(codes.Ids.Count)} x {string.Join(" + ", codes.Columns.Select(column => $"{column.Width} ({column.Tap} {column.Pooling.ToText()})"))}");
        report.Print(codes.Proof);
        var column = codes.Columns.Count > 1 ? $" --tap {Sentences.Word(codes.Columns[0].Tap)} --pooling {codes.Columns[0].Pooling.ToText()}" : string.Empty;
        report.Line($"Store: {store}, {Sentences.Seconds(seconds)}. Next: onnxtransfer train {Sentences.Word(store)}{column} --standardize -o head.onnx");
        report.Object(() => new JsonObject
        {
            ["store"] = store,
            ["images"] = codes.Ids.Count,
            ["columns"] = CodesCommand.Columns(codes),
            ["proof"] = Json.Of(codes.Proof),
            ["seconds"] = seconds,
            ["skipped"] = Json.Of(codes.Skipped),
            ["notes"] = Json.List(images.Notes, note => note),
        });
        return 0;
    }
}
