using System.Text.Json;
using System.Text.Json.Nodes;

namespace OnnxTransfer.Imaging;

/// <summary>The recipe's JSON form: camelCase fields, the field order of the record.</summary>
internal static class RecipeJson
{
    private static readonly string[] Fields =
        ["size", "resize", "resizeTo", "filter", "crop", "channels", "layout", "scale", "mean", "std"];

    public static string Write(Recipe recipe) => new JsonObject
    {
        ["size"] = recipe.Size,
        ["resize"] = Name(recipe.Resize),
        ["resizeTo"] = recipe.ResizeTo,
        ["filter"] = Name(recipe.Filter),
        ["crop"] = Name(recipe.Crop),
        ["channels"] = recipe.Channels.ToString(),
        ["layout"] = recipe.Layout.ToString(),
        ["scale"] = recipe.Scale,
        ["mean"] = new JsonArray([.. recipe.Mean.Select(v => (JsonNode)v)]),
        ["std"] = new JsonArray([.. recipe.Std.Select(v => (JsonNode)v)]),
    }.ToJsonString();

    public static Recipe Parse(string json, string where)
    {
        JsonElement root;
        try
        {
            using var document = JsonDocument.Parse(json);
            root = document.RootElement.Clone();
        }
        catch (JsonException e)
        {
            throw Wrong(where, $"is not JSON (line {e.LineNumber + 1})", e);
        }

        if (root.ValueKind != JsonValueKind.Object)
        {
            throw Wrong(where, "is not a JSON object");
        }

        if (root.EnumerateObject().Select(p => p.Name).FirstOrDefault(n => !Fields.Contains(n)) is { } unknown)
        {
            throw Wrong(where, $"has the unknown field '{unknown}' (known: {string.Join(", ", Fields)})");
        }

        if (root.EnumerateObject().GroupBy(p => p.Name).FirstOrDefault(g => g.Count() > 1) is { } repeated)
        {
            throw Wrong(where, $"has the field '{repeated.Key}' twice");
        }

        var size = Whole(root, "size", where);
        var recipe = new Recipe
        {
            Size = size,
            Resize = Choice(root, "resize", ResizeRule.ShortSide, where),
            ResizeTo = root.TryGetProperty("resizeTo", out _) ? Whole(root, "resizeTo", where) : size,
            Filter = Choice(root, "filter", ResizeFilter.Bilinear, where),
            Crop = Choice(root, "crop", CropRule.Center, where),
            Channels = Choice(root, "channels", ChannelOrder.RGB, where),
            Layout = Choice(root, "layout", TensorLayout.NCHW, where),
            Scale = root.TryGetProperty("scale", out var scale) ? Real(scale, "scale", where) : 1,
            Mean = Three(root, "mean", where),
            Std = Three(root, "std", where),
        };
        return recipe.Std.Contains(0) || recipe.Scale == 0 ? throw Wrong(where, "has a zero in std or scale") : recipe;
    }

    private static string Name<T>(T value)
        where T : struct, Enum => JsonNamingPolicy.CamelCase.ConvertName(value.ToString());

    private static T Choice<T>(JsonElement root, string field, T otherwise, string where)
        where T : struct, Enum
    {
        if (!root.TryGetProperty(field, out var element))
        {
            return otherwise;
        }

        var text = element.ValueKind == JsonValueKind.String ? element.GetString() : element.GetRawText();
        foreach (var value in Enum.GetValues<T>())
        {
            if (Name(value) == text || value.ToString() == text)
            {
                return value;
            }
        }

        throw Wrong(where, $"has {field} '{text}', which is none of {string.Join(", ", Enum.GetValues<T>().Select(v => typeof(T) == typeof(ChannelOrder) || typeof(T) == typeof(TensorLayout) ? v.ToString() : Name(v)))}");
    }

    private static int Whole(JsonElement root, string field, string where) =>
        root.TryGetProperty(field, out var element) && element.ValueKind == JsonValueKind.Number && element.TryGetInt32(out var value) && value is > 0 and <= 16384
            ? value
            : throw Wrong(where, $"needs {field}, a whole number of pixels from 1 to 16384");

    private static double Real(JsonElement element, string field, string where) =>
        element.ValueKind == JsonValueKind.Number && element.TryGetDouble(out var value) && double.IsFinite(value)
            ? value
            : throw Wrong(where, $"needs a number as {field}");

    private static double[] Three(JsonElement root, string field, string where) =>
        root.TryGetProperty(field, out var element) && element.ValueKind == JsonValueKind.Array && element.GetArrayLength() == 3
            ? [.. element.EnumerateArray().Select(e => Real(e, field, where))]
            : throw Wrong(where, $"needs {field}, three numbers in the order of the channels");

    private static OnnxTransferException Wrong(string where, string what, Exception? inner = null) =>
        new(FailureKind.Model, $"The recipe {where} {what}; docs/IMAGING.md shows a whole one.", inner);
}
