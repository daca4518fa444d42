using System.CommandLine;
using System.Text.Json.Nodes;
using OnnxTransfer.Cli.Options;
using OnnxTransfer.Cli.Output;
using OnnxTransfer.Engine;

namespace OnnxTransfer.Cli.Commands;

/// <summary><c>onnxtransfer export</c>: a backbone and a trained head become one model.</summary>
internal static class ExportCommand
{
    public static Command Create()
    {
        var head = new Argument<string>("HEAD") { Description = "A head that train wrote from a store" };
        var output = new Option<string>("--output", "-o") { Description = "Where the model goes", HelpName = "FILE", Required = true };
        var model = new Option<string?>("--model", "-m") { Description = "The backbone, an .onnx file [default: the one that made the head's codes]", HelpName = "FILE" };
        var command = new ExampleCommand(
            "export", "Join the backbone and a trained head to one .onnx that any ONNX Runtime runs.", "onnxtransfer export head.onnx -o flowers.onnx")
        {
            head, output, model, OutputOptions.Json,
        };
        command.SetAction((parsed, _) => Task.FromResult(Run(parsed, parsed.GetRequiredValue(head), parsed.GetRequiredValue(output), parsed.GetValue(model))));
        return command;
    }

    private static int Run(ParseResult parsed, string headPath, string output, string? model)
    {
        var report = new Report(parsed);
        var trained = HeadFile.Read(headPath);
        using var backbone = HeadBackbone.Of(trained, headPath, model);
        var taps = new JoinedTaps([.. trained.Columns.Select(column => backbone.Tap(column.Tap, column.Pooling))]);
        backbone.Export(taps, trained.Head, output);
        report.Line($"Model: {output}, {backbone.Model.Name} up to {Sentences.Places(taps)}, with the head of {headPath}");
        report.Object(() => new JsonObject
        {
            ["model"] = output,
            ["head"] = headPath,
            ["backbone"] = Json.Of(backbone),
            ["tap"] = taps.Names,
            ["pooling"] = taps.Poolings,
            ["codeLength"] = taps.Width,
            ["labels"] = Json.List(trained.Head.Labels, label => label),
        });
        return 0;
    }
}
