using System.CommandLine;
using System.Globalization;
using System.Text.Json.Nodes;
using OnnxTransfer.Cli.Options;
using OnnxTransfer.Cli.Output;
using OnnxTransfer.Engine;
using Spectre.Console;

namespace OnnxTransfer.Cli.Commands;

/// <summary><c>onnxtransfer taps</c>: where a network can be tapped.</summary>
internal static class TapsCommand
{
    public static Command Create()
    {
        var model = new Argument<string?>("MODEL")
        {
            Description = "An .onnx file [default: the embedded ImageNet ResNet-18]",
            Arity = ArgumentArity.ZeroOrOne,
        };
        var command = new ExampleCommand("taps", "List the tensors of a network that codes can be read from.", "onnxtransfer taps squeezenet1_1.onnx")
        {
            model, BackboneOptionsGroup.Size, OutputOptions.Json,
        };
        command.SetAction((parsed, _) => Task.FromResult(Run(parsed, parsed.GetValue(model) ?? EmbeddedModel.Path())));
        return command;
    }

    private static int Run(ParseResult parsed, string path)
    {
        var report = new Report(parsed);
        var catalog = TapCatalog.Read(path, parsed.GetValue(BackboneOptionsGroup.Size));
        var table = EvaluationTables.Table("tap", "op", "shape", "channels", "stride", "field", "cost %", "alias");
        foreach (var point in catalog.Points)
        {
            table.AddRow(
                new Text(point.Name),
                new Text(point.Op),
                new Text(point.Shape.ToString()),
                EvaluationTables.Number(point.Channels),
                point.Stride is { } stride ? EvaluationTables.Number(stride) : new Text("-"),
                point.ReceptiveField is { } field ? EvaluationTables.Number(field) : new Text("all"),
                new Text(point.CostPercent.ToString("F1", CultureInfo.InvariantCulture)).RightJustified(),
                new Text(string.Join(", ", point.Aliases)));
        }

        report.People.Write(table);
        report.Line($"{catalog.Points.Count} taps of {catalog.Model.Name} for images of {catalog.Size} x {catalog.Size}; cost: the share of the whole network's multiply-accumulates up to the tap; field: the pixels along a side that a position sees.");
        report.Object(() => new JsonObject
        {
            ["model"] = path,
            ["sha256"] = catalog.Model.Sha256,
            ["input"] = catalog.Input.Name,
            ["size"] = catalog.Size,
            ["taps"] = Json.List(catalog.Points, Describe),
        });
        return 0;
    }

    private static JsonObject Describe(TapPoint point) => new()
    {
        ["name"] = point.Name,
        ["alias"] = Json.Alias(point),
        ["aliases"] = Json.List(point.Aliases, alias => alias),
        ["op"] = point.Op,
        ["shape"] = Json.List(point.Shape.Dims, dim => dim.Value is { } value ? value : dim.ToString()),
        ["channels"] = point.Channels,
        ["stride"] = point.Stride,
        ["receptiveField"] = point.ReceptiveField,
        ["costPercent"] = point.CostPercent,
    };
}
