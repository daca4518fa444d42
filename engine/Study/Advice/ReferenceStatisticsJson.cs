using System.Text.Json;
using System.Text.Json.Nodes;
using OnnxTransfer.Engine;
using OnnxTransfer.Imaging;

namespace OnnxTransfer.Study;

/// <summary>The JSON form of reference statistics. A file comes from strangers: every field is checked before it is used.</summary>
internal static class ReferenceStatisticsJson
{
    // Statistics of photos that were not reduced have format 1 and cannot be compared with.
    private const int Format = 2;
    private const long LargestFile = 64 << 20;
    private const int LongestCode = 1 << 16, MostReferences = 100, MostLayers = 1000;

    public static string Write(ReferenceStatistics statistics) => new JsonObject
    {
        ["format"] = Format,
        ["weightsSha256"] = statistics.WeightsSha256,
        ["references"] = new JsonArray([.. statistics.References.Select(static reference => new JsonObject
        {
            ["madeOf"] = reference.MadeOf,
            ["images"] = reference.Images,
            ["recipe"] = JsonNode.Parse(reference.Recipe.ToJson()),
            ["layers"] = new JsonArray([.. reference.Layers.Select(static layer => new JsonObject
            {
                ["tap"] = layer.Tap,
                ["pooling"] = layer.Pooling.ToText(),
                ["mean"] = Numbers(layer.Mean),
                ["variance"] = Numbers(layer.Variance),
            })]),
        })]),
    }.ToJsonString() + "\n";

    public static ReferenceStatistics Read(string path)
    {
        try
        {
            var length = RegularFile.Length(path);
            return length is > 0 and <= LargestFile
                ? Parse(File.ReadAllText(path), path)
                : throw Wrong(path, $"has {length:N0} bytes, where 1 to {LargestFile:N0} are read");
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException)
        {
            throw new OnnxTransferException(FailureKind.Data, $"There are no statistics {path}; check the spelling, or make them with --make-reference.", e);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new OnnxTransferException(
                FailureKind.Machine, $"Cannot read the statistics {path}: {e.Message.TrimEnd('.')}; check its permissions.", e);
        }
    }

    public static ReferenceStatistics Parse(string json, string where)
    {
        try
        {
            using var document = JsonDocument.Parse(json);
            var root = document.RootElement;
            return Field(root, "format", where).TryGetInt32(out var format) && format == Format
                ? new ReferenceStatistics(
                    Text(root, "weightsSha256", where),
                    [.. List(root, "references", MostReferences, where).Select(reference => OneReference(reference, where))])
                : throw Wrong(where, $"has a format other than {Format}");
        }
        catch (JsonException e)
        {
            throw Wrong(where, $"is not JSON (line {e.LineNumber + 1})", e);
        }
        catch (InvalidOperationException e)
        {
            // A number where a text is meant, or half a surrogate pair in a text.
            throw Wrong(where, "has a field of another kind than is meant", e);
        }
    }

    private static Reference OneReference(JsonElement reference, string where)
    {
        var layers = List(reference, "layers", MostLayers, where).Select(layer => OneLayer(layer, where)).ToList();
        var images = Field(reference, "images", where).TryGetInt32(out var count) && count > 0 ? count : throw Wrong(where, "needs images, a whole number above 0");
        return layers.GroupBy(static layer => layer.Key).FirstOrDefault(static group => group.Count() > 1) is { } repeated
            ? throw Wrong(where, $"has the layer {repeated.Key} twice")
            : new Reference(Recipe.Parse(Field(reference, "recipe", where).GetRawText(), $"in {where}"), Text(reference, "madeOf", where), images, layers);
    }

    private static LayerStatistics OneLayer(JsonElement layer, string where)
    {
        var (tap, name) = (Text(layer, "tap", where), Text(layer, "pooling", where));
        var pooling = PoolingNames.All.Contains(name) ? PoolingNames.Parse(name) : throw Wrong(where, $"has the pooling '{name}', which is none");
        double[] mean = [.. List(layer, "mean", LongestCode, where).Select(value => Real(value, where))];
        double[] variance = [.. List(layer, "variance", LongestCode, where).Select(value => Real(value, where))];
        return mean.Length == 0 || mean.Length != variance.Length || Array.Exists(variance, static value => value < 0)
            ? throw Wrong(where, $"needs as many variances of at least 0 as means for {tap}")
            : new LayerStatistics(tap, pooling, mean, variance);
    }

    private static JsonElement Field(JsonElement parent, string name, string where) =>
        parent.ValueKind == JsonValueKind.Object && parent.TryGetProperty(name, out var field) ? field : throw Wrong(where, $"lacks {name}");

    private static string Text(JsonElement parent, string name, string where) =>
        Field(parent, name, where).GetString() is { Length: > 0 } text ? text : throw Wrong(where, $"needs a text as {name}");

    private static JsonElement.ArrayEnumerator List(JsonElement parent, string name, int most, string where)
    {
        var list = Field(parent, name, where);
        return list.ValueKind == JsonValueKind.Array && list.GetArrayLength() <= most ? list.EnumerateArray() : throw Wrong(where, $"needs a list of at most {most} as {name}");
    }

    private static double Real(JsonElement value, string where) =>
        value.TryGetDouble(out var number) && double.IsFinite(number) ? number : throw Wrong(where, "holds a number that is not finite");

    // Six digits are more than a few thousand images tell.
    private static JsonArray Numbers(IReadOnlyList<double> values) =>
        new([.. values.Select(static value => (JsonNode)Math.Round(value, value == 0 ? 0 : Math.Clamp(5 - (int)Math.Floor(Math.Log10(Math.Abs(value))), 0, 15)))]);

    private static OnnxTransferException Wrong(string where, string what, Exception? inner = null) =>
        new(FailureKind.Model, $"The statistics {where} cannot be used, as the file {what}; make it anew with --make-reference.", inner);
}
