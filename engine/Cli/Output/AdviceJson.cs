using System.Text.Json.Nodes;
using OnnxTransfer.Engine;
using OnnxTransfer.Heads;
using OnnxTransfer.Study;

namespace OnnxTransfer.Cli.Output;

/// <summary>Advice as the fields that docs/JSON.md describes.</summary>
internal static class AdviceJson
{
    public static JsonObject Of(Advice advice, Backbone backbone, string source, string command) => new()
    {
        ["data"] = source,
        ["backbone"] = Json.Of(backbone),
        ["size"] = advice.Placement.Size.ToString().ToLowerInvariant(),
        ["sizeConfidence"] = advice.Placement.SizeConfidence,
        ["similarity"] = advice.Placement.Similarity.ToString().ToLowerInvariant(),
        ["similarityConfidence"] = advice.Placement.SimilarityConfidence,
        ["confidence"] = advice.Placement.Confidence,
        ["advice"] = advice.Kind.ToText(),
        ["evidence"] = Json.List(advice.Evidence, static sentence => sentence),
        ["command"] = command,
        ["classes"] = advice.Study.Classes.Count,
        ["trainImages"] = advice.Study.TrainImages,
        ["parameters"] = advice.Parameters,
        ["curveTap"] = advice.Study.Recommended.Best.Tap.Point.Name,
        ["curve"] = Json.List(advice.Curve, static point => new JsonObject
        {
            ["images"] = point.Images,
            ["accuracy"] = point.Estimate.Evaluation.Accuracy,
            ["interval"] = Json.Of(point.Estimate.Evaluation.AccuracyInterval),
        }),
        ["extrapolation"] = advice.Extrapolation is { } found ? new JsonObject
        {
            ["asymptote"] = found.Law.Asymptote,
            ["scale"] = found.Law.Scale,
            ["exponent"] = found.Law.Exponent,
            ["accuracy"] = found.Accuracy,
            ["gain"] = found.Gain,
            ["gainInterval"] = Json.Of(found.GainInterval),
        }
        : null,
        ["depth"] = new JsonObject
        {
            ["top"] = advice.Depth.Top.Tap.Point.Name,
            ["earlier"] = advice.Depth.Earlier.Tap.Point.Name,
            ["earlierPValue"] = advice.Depth.EarlierPValue,
            ["middle"] = advice.Depth.Middle.Tap.Point.Name,
            ["lead"] = advice.Depth.Lead,
            ["leadPValue"] = advice.Depth.LeadPValue,
            ["leadStandardError"] = advice.Depth.LeadStandardError,
        },
        ["reference"] = advice.Reference is { } reference ? new JsonObject { ["madeOf"] = reference.MadeOf, ["images"] = reference.Images } : null,
        ["shift"] = advice.Shift?.Value,
        ["layers"] = Json.List(advice.Study.Scores, score => Describe(score, advice)),
        ["skipped"] = Json.Of(advice.Study.Skipped),
        ["notes"] = Json.List(advice.Study.Notes, static note => note),
        ["stages"] = Json.List(advice.Study.Stages, static stage => new JsonObject { ["stage"] = stage.Stage, ["seconds"] = stage.Seconds }),
    };

    private static JsonObject Describe(LayerScore score, Advice advice)
    {
        var distance = advice.Distances.FirstOrDefault(of => of.Tap == score.Tap.Point.Name);
        return new JsonObject
        {
            ["tap"] = score.Tap.Point.Name,
            ["alias"] = Json.Alias(score.Tap.Point),
            ["pooling"] = score.Tap.Pooling.ToText(),
            ["costPercent"] = score.Tap.Point.CostPercent,
            ["c"] = score.C,
            ["cvAccuracy"] = score.CrossValidated.Accuracy,
            ["cvInterval"] = Json.Of(score.CrossValidated.Interval),
            ["distance"] = distance?.Frechet,
            ["strength"] = distance?.Strength,
            ["activity"] = distance?.Activity,
            ["shift"] = distance?.Shift,
        };
    }
}
