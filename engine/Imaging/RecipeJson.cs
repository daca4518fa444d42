using System.Text.Json;
using System.Text.Json.Nodes;

namespace OnnxTransfer.Imaging;

/// <summary>The recipe's JSON form: camelCase fields, the field order of the record.</summary>
internal static class RecipeJson
{
    private const long LargestFile = 1 << 20;

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

    /// <summary>Reads a recipe from a file.</summary>
    public static Recipe Read(string path)
    {
        try
        {
            var length = RegularFile.Length(path);
            return length is > 0 and <= LargestFile
                ? Parse(File.ReadAllText(path), path)
                : throw Wrong(path, $"has {length:N0} bytes, where 1 to {LargestFile:N0} are read");
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new OnnxTransferException(
                FailureKind.Machine, $"Cannot read the recipe {path}: {e.Message.TrimEnd('.')}; check its permissions.", e);
        }
    }

    public static Recipe Parse(string json, string where)
    {
        JsonElement root;
        try
        {
            using var document = JsonDocument.Parse(json);
            root = document.RootElement.Clone();
            if (root.ValueKind == JsonValueKind.Object)
            {
                CheckTexts(root);
            }
        }
        catch (Exception e) when (e is InvalidOperationException or ArgumentException)
        {
            throw Wrong(where, "holds a half of a surrogate pair, which is no character", e);
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

    /// <summary>Decodes every name and string: half a surrogate pair, escaped, passes the parser and fails only here.</summary>
    private static void CheckTexts(JsonElement root)
    {
        foreach (var property in root.EnumerateObject())
        {
            _ = property.Name;
            _ = property.Value.ValueKind == JsonValueKind.String ? property.Value.GetString() : null;
        }
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
