using System.Buffers;
using System.Security.Cryptography;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using OnnxTransfer.Imaging;

namespace OnnxTransfer.Engine;

/// <summary>store.json: the header of a store as text, its key, and in what two headers differ.</summary>
internal static class StoreHeaderJson
{
    private const int Format = 1;
    private const string CodeType = "float32";

    /// <summary>The file's text; equal headers give equal text.</summary>
    public static string Write(StoreHeader header) => Text(indented: true, json =>
    {
        json.WriteNumber("format", Format);
        json.WriteString("key", Key(header));
        json.WriteString("model", header.Model);
        json.WriteString("modelPath", header.ModelPath);
        json.WriteStartObject("aliases");
        foreach (var (alias, tensor) in header.Aliases.OrderBy(pair => pair.Key, StringComparer.Ordinal))
        {
            json.WriteString(alias, tensor);
        }

        json.WriteEndObject();
        WriteDeciding(json, header);
    }) + "\n";

    /// <summary>SHA-256 of everything that decides the codes, as JSON in one fixed order.</summary>
    public static string Key(StoreHeader header) => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(
        Text(indented: false, json => WriteDeciding(json, header)))));

    /// <summary>Reads the file's text.</summary>
    /// <exception cref="OnnxTransferException"><see cref="FailureKind.Data"/>: damaged, or of another format.</exception>
    public static StoreHeader Parse(string text, string where)
    {
        try
        {
            using var document = JsonDocument.Parse(text);
            var root = document.RootElement;
            if (root.GetProperty("format").GetInt32() != Format || root.GetProperty("codeType").GetString() != CodeType)
            {
                throw new OnnxTransferException(
                    FailureKind.Data, $"{where} is of another format than this version writes; extract the codes again into another folder.");
            }

            var header = new StoreHeader
            {
                Model = Text(root, "model"),
                ModelPath = root.GetProperty("modelPath").GetString(),
                Aliases = root.GetProperty("aliases").EnumerateObject().ToDictionary(
                    pair => pair.Name, pair => pair.Value.GetString() ?? throw Damaged(where, null), StringComparer.Ordinal),
                ModelSha256 = Text(root, "modelSha256"),
                Columns = [.. root.GetProperty("columns").EnumerateArray().Select(Column)],
                Recipe = Recipe.Parse(root.GetProperty("recipe").GetRawText(), $"in {where}"),
                Batch = root.GetProperty("batch").GetInt32(),
                AllowTruncated = root.GetProperty("allowTruncated").GetBoolean(),
                Runtime = Text(root, "runtime"),
                Provider = Text(root, "provider"),
                Decoder = Text(root, "decoder"),
            };
            return header.Columns.Count > 0 && header.Batch > 0 && header.ModelSha256 is { Length: 64 } sha256 && sha256.All(char.IsAsciiHexDigitLower) && Key(header) == Text(root, "key")
                ? header
                : throw Damaged(where, null);
        }
        catch (Exception e) when (e is JsonException or KeyNotFoundException or InvalidOperationException or FormatException or ArgumentException
            || e is OnnxTransferException { Kind: FailureKind.Usage or FailureKind.Model })
        {
            throw Damaged(where, e);
        }
    }

    /// <summary>In what <paramref name="wanted"/> differs from <paramref name="found"/>, in words; empty where the keys agree.</summary>
    public static string Difference(StoreHeader found, StoreHeader wanted)
    {
        var differences = new List<string>();
        void Compare(string what, string has, string needs)
        {
            if (has != needs)
            {
                differences.Add($"{what} {has} instead of {needs}");
            }
        }

        Compare("the model", Model(found), Model(wanted));
        Compare("the taps", Columns(found), Columns(wanted));
        Compare("the recipe", found.Recipe.ToJson(), wanted.Recipe.ToJson());
        Compare("the batch", $"{found.Batch}", $"{wanted.Batch}");
        Compare("truncated images", found.AllowTruncated ? "used" : "refused", wanted.AllowTruncated ? "used" : "refused");
        Compare("the runtime", found.Runtime, wanted.Runtime);
        Compare("the provider", found.Provider, wanted.Provider);
        Compare("the decoder", found.Decoder, wanted.Decoder);
        return string.Join(" and ", differences);

        string Model(StoreHeader header) =>
            found.ModelSha256 == wanted.ModelSha256 ? string.Empty : $"{header.Model} ({header.ModelSha256[..12]})";
        static string Columns(StoreHeader header) => string.Join(", ", header.Columns.Select(column => column.Key));
    }

    private static void WriteDeciding(Utf8JsonWriter json, StoreHeader header)
    {
        json.WriteString("modelSha256", header.ModelSha256);
        json.WriteStartArray("columns");
        foreach (var column in header.Columns)
        {
            json.WriteStartObject();
            json.WriteString("tap", column.Tap);
            json.WriteString("pooling", column.Pooling.ToText());
            json.WriteNumber("width", column.Width);
            json.WriteEndObject();
        }

        json.WriteEndArray();
        json.WriteString("codeType", CodeType);
        json.WritePropertyName("recipe");
        json.WriteRawValue(header.Recipe.ToJson());
        json.WriteNumber("batch", header.Batch);
        json.WriteBoolean("allowTruncated", header.AllowTruncated);
        json.WriteString("runtime", header.Runtime);
        json.WriteString("provider", header.Provider);
        json.WriteString("decoder", header.Decoder);
    }

    private static string Text(bool indented, Action<Utf8JsonWriter> write)
    {
        var buffer = new ArrayBufferWriter<byte>();
        using (var json = new Utf8JsonWriter(buffer, new JsonWriterOptions { Indented = indented, NewLine = "\n", Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping }))
        {
            json.WriteStartObject();
            write(json);
            json.WriteEndObject();
        }

        return Encoding.UTF8.GetString(buffer.WrittenSpan);
    }

    private static CodeColumn Column(JsonElement element)
    {
        var width = element.GetProperty("width").GetInt32();
        return width is > 0 and <= int.MaxValue / sizeof(float)
            ? new CodeColumn(Text(element, "tap"), PoolingNames.Parse(Text(element, "pooling")), width)
            : throw new FormatException($"A column cannot be {width} wide.");
    }

    private static string Text(JsonElement element, string name) =>
        element.GetProperty(name).GetString() ?? throw new FormatException($"{name} is null.");

    private static OnnxTransferException Damaged(string where, Exception? reason) => new(
        FailureKind.Data, $"{where} is damaged or was changed by hand; extract the codes again into another folder.", reason);
}
