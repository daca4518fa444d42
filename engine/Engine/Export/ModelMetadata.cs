using System.Text.Json;
using System.Text.Json.Nodes;
using OnnxTransfer.Heads;
using OnnxTransfer.Onnx;

namespace OnnxTransfer.Engine;

/// <summary>The metadata entries of exported models and head files, JSON each; what is read comes from strangers.</summary>
internal static class ModelMetadata
{
    /// <summary>The classes: an array of strings, in the order of the outputs.</summary>
    public const string Labels = "onnxtransfer.labels";

    /// <summary>The recipe.</summary>
    public const string Recipe = RecipeSearch.Metadata;

    /// <summary>Where the backbone was tapped.</summary>
    public const string Tap = "onnxtransfer.tap";

    /// <summary>Where the model comes from.</summary>
    public const string Provenance = "onnxtransfer.provenance";

    /// <summary>How the head of a head file was trained.</summary>
    public const string Head = "onnxtransfer.head";

    /// <summary>What made the codes that the head of a head file was trained on.</summary>
    public const string Codes = "onnxtransfer.codes";

    private const string Prefix = "onnxtransfer.";

    private static readonly string[] Rights = ["licen", "copyright", "author", "citation", "attribution"];

    /// <summary>OnnxTransfer's version.</summary>
    public static string ToolVersion { get; } = typeof(ModelMetadata).Assembly.GetName().Version!.ToString(3);

    /// <summary>
    /// Whether an entry of the backbone holds for what is made from it: its licence and authors do; its classes, its
    /// sizes and earlier entries of OnnxTransfer do not.
    /// </summary>
    public static bool Survives(string key) =>
        !key.StartsWith(Prefix, StringComparison.Ordinal)
        && Rights.Any(word => key.Contains(word, StringComparison.OrdinalIgnoreCase));

    /// <summary>The JSON array of the classes.</summary>
    public static string WriteLabels(IReadOnlyList<string> labels) =>
        new JsonArray([.. labels.Select(label => (JsonNode)label)]).ToJsonString();

    /// <summary>The JSON of a tap, or the array of those that are joined.</summary>
    public static string WriteTap(JoinedTaps taps) =>
        (taps.Taps is [var only] ? (JsonNode)Tapped(only) : new JsonArray([.. taps.Taps.Select(Tapped)])).ToJsonString();
    /// <summary>The JSON of the provenance; it names no date and no path, so that the same input gives the same bytes.</summary>
    public static string WriteProvenance(OnnxModel source, LinearHead head, ExportNotes? notes)
    {
        var json = new JsonObject
        {
            ["tool"] = "OnnxTransfer",
            ["toolVersion"] = ToolVersion,
            ["runtime"] = $"ONNX Runtime {Runtime.Version}",
            ["source"] = new JsonObject { ["model"] = source.Name, ["sha256"] = source.Sha256 },
            ["head"] = HeadJson.Write(head),
        };
        if (notes is not null)
        {
            json["data"] = new JsonObject(Known(
                ("dataset", notes.Dataset),
                ("trainImages", notes.TrainImages),
                ("testImages", notes.TestImages),
                ("testAccuracy", notes.TestAccuracy),
                ("testAccuracyInterval", notes.TestAccuracyInterval is { } interval ? HeadJson.Write(interval) : null)));
        }

        return json.ToJsonString();
    }

    /// <summary>The classes that a model names, or null where it names none.</summary>
    /// <exception cref="OnnxTransferException"><see cref="FailureKind.Model"/>: not an array of different strings.</exception>
    public static IReadOnlyList<string>? ReadLabels(OnnxModel model)
    {
        if (model.Metadata(Labels) is null)
        {
            return null;
        }

        var labels = Parse(model, Labels, json => json.EnumerateArray().Select(label => label.GetString()!).ToArray());
        if (labels.Length == 0 || labels.Contains(null))
        {
            throw Damaged(model, Labels, "names no classes");
        }

        return labels.GroupBy(label => label, StringComparer.Ordinal).FirstOrDefault(group => group.Count() > 1) is { } twice
            ? throw Damaged(model, Labels, $"has the class '{twice.Key}' twice")
            : labels;
    }

    /// <summary>Reads an entry that must be there.</summary>
    /// <exception cref="OnnxTransferException"><see cref="FailureKind.Model"/>: missing, not JSON, or not what is expected.</exception>
    public static T Parse<T>(OnnxModel model, string key, Func<JsonElement, T> read)
    {
        var text = model.Metadata(key) ?? throw Damaged(model, key, "is missing");
        try
        {
            using var document = JsonDocument.Parse(text);
            return read(document.RootElement);
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException or KeyNotFoundException or FormatException
            or ArgumentException or IndexOutOfRangeException or OnnxTransferException)
        {
            throw Damaged(model, key, "does not hold what OnnxTransfer writes there", e);
        }
    }

    /// <summary>The sentence for an entry that cannot be used.</summary>
    public static OnnxTransferException Damaged(OnnxModel model, string key, string what, Exception? reason = null) => new(
        FailureKind.Model, $"{model.Name} cannot be used: its metadata entry {key} {what}; export it again.", reason);

    private static JsonObject Tapped(Tap tap) => new()
    {
        ["tensor"] = tap.Point.Name,
        ["aliases"] = new JsonArray([.. tap.Point.Aliases.Select(alias => (JsonNode)alias)]),
        ["pooling"] = tap.Pooling.ToText(),
        ["codeLength"] = tap.Width,
        ["costPercent"] = Math.Round(tap.Point.CostPercent, 2),
    };

    private static IEnumerable<KeyValuePair<string, JsonNode?>> Known(params (string Name, JsonNode? Value)[] entries) =>
        entries.Where(entry => entry.Value is not null).Select(entry => KeyValuePair.Create(entry.Name, entry.Value));
}
