using System.Text.Json;
using System.Text.Json.Nodes;
using OnnxTransfer.Heads;

namespace OnnxTransfer.Engine;

/// <summary>
/// How a head was trained, as JSON: <c>{"loss":"softmax","c":1,"standardised":true,"certificate":{"objective":...,
/// "dualBound":...,"relativeGap":...,"passes":...,"converged":true},"selection":{"folds":5,"repeats":1,"metric":"accuracy","rule":"best",
/// "candidates":[{"c":...,"accuracy":...,"interval":{"low":...,"high":...},"score":...,"standardError":...}]},"calibration":{"method":"temperature",
/// "temperature":...}}</c> (or <c>{"method":"platt","scales":[...],"shifts":[...]}</c>); no selection where C was given, no calibration
/// where there is none, <c>"normalised":true</c> for a head on normalised codes alone and <c>"multiLabel":true</c> for a multi-label
/// head alone. The seconds of the solve are left out: the same training gives the same bytes. A nested estimate is of a
/// training, not of the head, and is left out too.
/// </summary>
internal static class HeadJson
{
    /// <summary>The JSON of a head.</summary>
    /// <exception cref="OnnxTransferException"><see cref="FailureKind.Mathematics"/>: a number of the certificate is not finite.</exception>
    public static JsonObject Write(LinearHead head)
    {
        var certificate = head.Certificate;
        if (!double.IsFinite(head.C) || !double.IsFinite(certificate.Objective) || !double.IsFinite(certificate.DualBound))
        {
            throw new OnnxTransferException(
                FailureKind.Mathematics,
                $"The head's certificate is not finite (objective {certificate.Objective}, dual bound {certificate.DualBound}, C {head.C}); train it again with a smaller C.");
        }

        var json = new JsonObject
        {
            ["loss"] = head.Loss.ToText(),
            ["c"] = head.C,
            ["standardised"] = head.Standardized,
            ["certificate"] = new JsonObject
            {
                ["objective"] = certificate.Objective,
                ["dualBound"] = certificate.DualBound,
                ["relativeGap"] = double.IsFinite(certificate.RelativeGap) ? certificate.RelativeGap : null,
                ["passes"] = certificate.Passes,
                ["converged"] = certificate.Converged,
            },
        };
        if (head.Normalized)
        {
            json["normalised"] = true;
        }

        if (head.IsMultiLabel)
        {
            json["multiLabel"] = true;
        }

        if (head.Selection is { } selection)
        {
            json["selection"] = new JsonObject
            {
                ["folds"] = selection.Folds,
                ["repeats"] = selection.Repeats,
                ["metric"] = selection.Metric.ToText(),
                ["rule"] = selection.Rule.ToText(),
                ["candidates"] = new JsonArray([.. selection.Candidates.Select(Candidate)]),
            };
        }

        if (head.Calibration is { } calibration)
        {
            json["calibration"] = calibration.Temperature is { } temperature
                ? new JsonObject { ["method"] = calibration.Method.ToText(), ["temperature"] = temperature }
                : new JsonObject
                {
                    ["method"] = calibration.Method.ToText(),
                    ["scales"] = Numbers(calibration.Scales),
                    ["shifts"] = Numbers(calibration.Shifts),
                };
        }

        return json;
    }

    /// <summary>Whether the head divides codes by their lengths; what was written before there were such heads does not say so.</summary>
    public static bool ReadNormalized(JsonElement json) => json.TryGetProperty("normalised", out var normalised) && normalised.GetBoolean();

    /// <summary>A head of these labels and weights with what was noted here.</summary>
    /// <exception cref="Exception">One of those that <see cref="ModelMetadata.Parse{T}"/> turns into a sentence.</exception>
    public static LinearHead Read(JsonElement json, IReadOnlyList<string> labels, double[] weights, int width)
    {
        var certificate = json.GetProperty("certificate");
        return new LinearHead(
            labels,
            weights,
            width,
            HeadLossNames.Parse(json.GetProperty("loss").GetString() ?? string.Empty),
            json.GetProperty("c").GetDouble(),
            new Certificate(
                certificate.GetProperty("objective").GetDouble(),
                certificate.GetProperty("dualBound").GetDouble(),
                certificate.GetProperty("passes").GetInt32(),
                Seconds: 0,
                certificate.GetProperty("converged").GetBoolean()))
        {
            Normalized = ReadNormalized(json),
            Standardized = json.GetProperty("standardised").GetBoolean(),
            IsMultiLabel = json.TryGetProperty("multiLabel", out var multiLabel) && multiLabel.GetBoolean(),
            Selection = json.TryGetProperty("selection", out var selection)
                ? new CSelection(
                    selection.GetProperty("folds").GetInt32(),
                    [.. selection.GetProperty("candidates").EnumerateArray().Select(Candidate)])
                {
                    Repeats = selection.TryGetProperty("repeats", out var repeats) ? repeats.GetInt32() : 1,
                    Metric = selection.TryGetProperty("metric", out var metric) ? SelectionMetricNames.Parse(metric.GetString()!) : default,
                    Rule = selection.TryGetProperty("rule", out var rule) ? SelectionRuleNames.Parse(rule.GetString()!) : default,
                }
                : null,
            Calibration = json.TryGetProperty("calibration", out var calibration) ? Calibration(calibration, labels.Count) : null,
        };
    }

    /// <summary>A share's interval as low and high.</summary>
    public static JsonObject Write(Interval interval) => new() { ["low"] = interval.Low, ["high"] = interval.High };

    private static Calibration Calibration(JsonElement json, int classes) =>
        CalibrationMethodNames.Parse(json.GetProperty("method").GetString() ?? string.Empty) == CalibrationMethod.Temperature
            ? Heads.Calibration.OfTemperature(json.GetProperty("temperature").GetDouble(), classes)
            : Heads.Calibration.OfPlatt(Numbers(json.GetProperty("scales")), Numbers(json.GetProperty("shifts")));

    private static JsonArray Numbers(IReadOnlyList<double> values) => new([.. values.Select(value => (JsonNode)value)]);

    private static double[] Numbers(JsonElement json) => [.. json.EnumerateArray().Select(value => value.GetDouble())];

    private static JsonObject Candidate(CCandidate candidate) => new()
    {
        ["c"] = candidate.C,
        ["accuracy"] = candidate.Accuracy,
        ["interval"] = Write(candidate.Interval),
        ["score"] = candidate.Score,
        ["standardError"] = double.IsFinite(candidate.StandardError) ? candidate.StandardError : null,
    };

    private static CCandidate Candidate(JsonElement json)
    {
        var (accuracy, interval) = (json.GetProperty("accuracy").GetDouble(), json.GetProperty("interval"));
        return new CCandidate(
            json.GetProperty("c").GetDouble(), accuracy, new Interval(interval.GetProperty("low").GetDouble(), interval.GetProperty("high").GetDouble()))
        {
            Score = json.TryGetProperty("score", out var score) ? score.GetDouble() : accuracy,
            StandardError = json.TryGetProperty("standardError", out var error) && error.ValueKind == JsonValueKind.Number ? error.GetDouble() : double.NaN,
        };
    }
}
