using System.CommandLine;
using System.Text.Json.Nodes;
using OnnxTransfer.Cli.Options;
using OnnxTransfer.Cli.Output;
using OnnxTransfer.Engine;
using OnnxTransfer.Heads;
using Spectre.Console;

namespace OnnxTransfer.Cli.Commands;

/// <summary><c>onnxtransfer codes</c>: what is in a store, and its codes as plain arrays.</summary>
internal static class CodesCommand
{
    public static Command Create()
    {
        var store = new Argument<string>("STORE") { Description = "A folder that extract wrote" };
        var tap = new Option<string?>("--tap", "-t") { Description = "The tap to write [default: the only one]", HelpName = "NAME" };
        var pooling = new Option<string?>("--pooling") { Description = "Its pooling [default: the only one]", HelpName = "NAME" };
        var npy = new Option<string?>("--npy") { Description = "Write the codes here: float32, N x D, NumPy's format", HelpName = "FILE" };
        var labels = new Option<string?>("--labels") { Description = "Write the labels here: int64 indices into the classes (their names: --json)", HelpName = "FILE" };
        var ids = new Option<string?>("--ids") { Description = "Write the images' ids here, a line each", HelpName = "FILE" };
        var command = new ExampleCommand(
            "codes", "Describe a store of codes, or write it as plain arrays, rows in the store's order.", "onnxtransfer codes flowers.codes --tap penultimate --pooling avg --npy X.npy --labels y.npy --ids ids.txt")
        {
            store, tap, pooling, npy, labels, ids, OutputOptions.Json,
        };
        command.SetAction((parsed, _) => Task.FromResult(Run(
            parsed,
            parsed.GetRequiredValue(store),
            parsed.GetValue(tap),
            parsed.GetValue(pooling) is { } name ? PoolingNames.Parse(name) : null,
            parsed.GetValue(npy),
            parsed.GetValue(labels),
            parsed.GetValue(ids))));
        return command;
    }

    /// <summary>The columns of a store, for JSON.</summary>
    public static JsonArray Columns(Codes codes) => Json.List(codes.Columns, column => new JsonObject
    {
        ["tap"] = column.Tap,
        ["pooling"] = column.Pooling.ToText(),
        ["codeLength"] = column.Width,
    });

    private static int Run(ParseResult parsed, string store, string? tap, Pooling? pooling, string? npy, string? labels, string? ids)
    {
        var report = new Report(parsed);
        using var codes = Codes.Open(store);
        string[] files = [.. new[] { npy, labels, ids }.OfType<string>().Select(Path.GetFullPath)];
        if (files.Distinct().Count() < files.Length)
        {
            throw new OnnxTransferException(FailureKind.Usage, "Two outputs have the same name; give each a file of its own.");
        }

        // What can fail for the store's sake fails before the first file is written.
        var column = npy is null && tap is null && pooling is null ? null : codes.Column(tap, pooling);
        var classes = labels is null ? null : codes.ClassIndices();
        var written = new JsonArray();
        if (npy is not null)
        {
            var matrix = codes.Read(column!);
            Npy.Write(npy, matrix);
            Written(npy, $"{matrix.Rows} x {matrix.Columns} codes");
        }

        if (labels is not null)
        {
            Npy.Write(labels, classes!);
            Written(labels, $"{codes.Ids.Count} labels");
        }

        if (ids is not null)
        {
            WholeFile.WriteText(ids, string.Concat(codes.Ids.Select(id => id + "\n")));
            Written(ids, $"{codes.Ids.Count} ids");
        }

        Describe(report, store, codes);
        report.Object(() => new JsonObject
        {
            ["store"] = store,
            ["images"] = codes.Ids.Count,
            ["classes"] = Json.List(codes.Classes, label => label),
            ["columns"] = Columns(codes),
            ["model"] = codes.Header.Model,
            ["modelSha256"] = codes.Header.ModelSha256,
            ["recipe"] = JsonNode.Parse(codes.Header.Recipe.ToJson()),
            ["batch"] = codes.Header.Batch,
            ["runtime"] = codes.Header.Runtime,
            ["provider"] = codes.Header.Provider,
            ["decoder"] = codes.Header.Decoder,
            ["skipped"] = Json.Of(codes.Skipped),
            ["written"] = written,
        });
        return 0;

        void Written(string file, string what)
        {
            written.Add((JsonNode)file);
            report.Line($"Wrote {what} to {file}");
        }
    }

    private static void Describe(Report report, string store, Codes codes)
    {
        var table = EvaluationTables.Table("tap", "pooling", "numbers an image");
        foreach (var column in codes.Columns)
        {
            table.AddRow(new Text(column.Tap), new Text(column.Pooling.ToText()), EvaluationTables.Number(column.Width));
        }

        report.Line($"{store}: {Sentences.Images(codes.Ids.Count)}, {codes.Classes.Count} classes, {codes.Skipped.Count} left out");
        report.Line($"Made by {codes.Header.Model} ({codes.Header.ModelSha256[..12]}) on ONNX Runtime {codes.Header.Runtime}, {codes.Header.Provider}, batch {codes.Header.Batch}, {codes.Header.Decoder}");
        report.Line($"Recipe {codes.Header.Recipe.ToJson()}");
        report.People.Write(table);
    }
}
