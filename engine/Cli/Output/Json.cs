using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;
using OnnxTransfer.Engine;
using OnnxTransfer.Heads;

namespace OnnxTransfer.Cli.Output;

/// <summary>The pieces of the JSON objects that several commands share; docs/JSON.md describes them.</summary>
internal static class Json
{
    /// <summary>The version of the fields' meaning.</summary>
    public const int Schema = 1;

    /// <summary>Names of files and classes are written as they are, not as escapes.</summary>
    public static readonly JsonWriterOptions Writing = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    private static readonly JsonSerializerOptions Printing = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping, WriteIndented = true };

    /// <summary>The object with its two fields of every command in front; a field of the same name takes their place.</summary>
    public static JsonObject Object(string command, JsonObject fields)
    {
        var whole = new JsonObject { ["schema"] = Schema, ["command"] = command };
        foreach (var (name, value) in fields.ToList())
        {
            fields.Remove(name);
            whole[name] = value;
        }

        return whole;
    }

    public static string Text(JsonObject value) => value.ToJsonString(Printing);

    public static JsonArray List<T>(IEnumerable<T> items, Func<T, JsonNode?> write) => new([.. items.Select(write)]);

    /// <summary>The first alias of a tap point, or null.</summary>
    public static string? Alias(TapPoint point) => point.Aliases is [var first, ..] ? first : null;

    /// <summary>The first aliases of joined taps, separated by commas; null where one has none.</summary>
    public static string? Alias(JoinedTaps taps) => taps.Taps.All(static tap => Alias(tap.Point) is not null) ? string.Join(',', taps.Taps.Select(static tap => Alias(tap.Point))) : null;

    public static JsonObject Of(Interval interval) => new() { ["low"] = interval.Low, ["high"] = interval.High };

    public static JsonObject Of(Backbone backbone) => new()
    {
        ["name"] = backbone.Model.Name,
        ["sha256"] = backbone.Model.Sha256,
        ["size"] = backbone.Taps.Size,
        ["recipe"] = JsonNode.Parse(backbone.Recipe.ToJson()),
        ["provider"] = backbone.Provider.Name,
    };

    public static JsonObject Of(Certificate certificate) => new()
    {
        ["objective"] = Finite(certificate.Objective),
        ["dualBound"] = Finite(certificate.DualBound),
        ["relativeGap"] = Finite(certificate.RelativeGap),
        ["converged"] = certificate.Converged,
        ["passes"] = certificate.Passes,
    };

    /// <summary>C, or null for a head in closed form, which has none.</summary>
    public static JsonNode? C(LinearHead head) => head.Loss.IsClosedForm() ? null : head.C;

    public static JsonNode? Of(Calibration? calibration) => calibration is null ? null : new JsonObject
    {
        ["method"] = calibration.Method.ToText(),
        ["temperature"] = calibration.Temperature,
        ["scales"] = calibration.Temperature is null ? List(calibration.Scales, scale => scale) : null,
        ["shifts"] = calibration.Temperature is null ? List(calibration.Shifts, shift => shift) : null,
    };

    public static JsonNode? Of(CutProof? proof) => proof is null ? null : new JsonObject
    {
        ["largestDifference"] = proof.LargestDifference,
        ["tolerance"] = proof.Tolerance,
        ["where"] = proof.Where,
        ["images"] = proof.Images,
        ["fullGraph"] = proof.FullGraph,
    };

    public static JsonArray Of(IReadOnlyList<SkippedImage> skipped) =>
        List(skipped, image => new JsonObject { ["id"] = image.Id, ["reason"] = image.Reason });

    public static JsonNode? Of(CSelection? selection) => selection is null ? null : new JsonObject
    {
        ["folds"] = selection.Folds,
        ["repeats"] = selection.Repeats,
        ["metric"] = selection.Metric.ToText(),
        ["rule"] = selection.Rule.ToText(),
        ["candidates"] = List(selection.Candidates, candidate => new JsonObject
        {
            ["c"] = candidate.C,
            ["accuracy"] = candidate.Accuracy,
            ["interval"] = Of(candidate.Interval),
            ["score"] = candidate.Score,
            ["standardError"] = Finite(candidate.StandardError),
        }),
        ["nested"] = selection.Nested is { } nested ? Of(nested) : null,
    };

    private static JsonObject Of(NestedEstimate nested)
    {
        var json = new JsonObject
        {
            ["accuracy"] = nested.Evaluation.Accuracy,
            ["interval"] = Of(nested.Evaluation.AccuracyInterval),
        };
        json.Add(Metrics(nested.Evaluation));
        json["cs"] = List(nested.Cs, c => c);
        json["converged"] = nested.Converged;
        return json;
    }

    private static JsonObject? Of(MetricEstimate? estimate) => estimate is null ? null : new JsonObject
    {
        ["value"] = estimate.Value.Value,
        ["interval"] = Of(estimate.Value.Interval),
    };

    private static IEnumerable<KeyValuePair<string, JsonNode?>> Metrics(Evaluation evaluation) =>
    [
        new("balancedAccuracy", Of(evaluation.BalancedAccuracy)),
        new("macroF1", Of(evaluation.MacroF1)),
        new("logLoss", Of(evaluation.LogLoss)),
        new("ece", Of(evaluation.CalibrationError)),
    ];

    /// <summary>The fields of an evaluation, to be merged into a command's object.</summary>
    public static IEnumerable<KeyValuePair<string, JsonNode?>> Of(Evaluation evaluation) =>
    [
        new("testAccuracy", evaluation.Accuracy),
        new("testInterval", Of(evaluation.AccuracyInterval)),
        new("testImages", evaluation.Images),
        .. Metrics(evaluation),
        new("labels", List(evaluation.Labels, label => label)),
        new("confusion", List(evaluation.Confusion, row => List(row, count => count))),
        new("perClass", List(evaluation.PerClass, item => new JsonObject
        {
            ["label"] = item.Label,
            ["images"] = item.Images,
            ["correct"] = item.Correct,
            ["accuracy"] = Finite(item.Accuracy),
            ["interval"] = Of(item.Interval),
        })),
    ];

    public static void Add(this JsonObject target, IEnumerable<KeyValuePair<string, JsonNode?>> fields)
    {
        foreach (var (name, value) in fields)
        {
            target[name] = value;
        }
    }

    /// <summary>JSON has no infinity: null instead.</summary>
    public static JsonNode? Finite(double value) => double.IsFinite(value) ? value : null;
}
