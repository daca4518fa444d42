using System.Text;
using System.Text.Json;

namespace OnnxTransfer.Datasets;

/// <summary>The lines of a JSON lines list; its properties stand at <see cref="LabelledImages.FromJsonLines"/>.</summary>
internal static class JsonLinesList
{
    public static List<ListLine> Read(string list)
    {
        using var text = ListDataset.Open(list);
        var lines = new List<ListLine>();
        try
        {
            for (var number = 1L; text.ReadLine() is { } line; number++)
            {
                if (!string.IsNullOrWhiteSpace(line))
                {
                    lines.Add(Parse(list, number, line));
                }
            }
        }
        catch (DecoderFallbackException e)
        {
            throw new OnnxTransferException(FailureKind.Data, $"{list} is not UTF-8 text; save it as UTF-8.", e);
        }

        return lines;
    }

    private static ListLine Parse(string list, long number, string line)
    {
        try
        {
            using var document = JsonDocument.Parse(line);
            var entry = document.RootElement;
            return entry.ValueKind == JsonValueKind.Object
                ? new ListLine(
                    number,
                    Text(list, number, entry, "path"),
                    Text(list, number, entry, "label"),
                    Text(list, number, entry, "split"),
                    Text(list, number, entry, "group"))
                : throw ListDataset.Wrong(
                    list, number, "this is no JSON object; write {\"path\": \"...\", \"label\": \"...\"}.");
        }
        catch (InvalidOperationException)
        {
            // The parser finds half a surrogate pair only when the string is asked for.
            throw ListDataset.Wrong(list, number, "a string has a broken \\u escape; correct it.");
        }
        catch (JsonException e)
        {
            throw ListDataset.Wrong(
                list, number, $"this is not JSON (character {e.BytePositionInLine + 1}); write an object on every line.");
        }
    }

    /// <summary>A string as it is, a number as it is written; null where it is absent, null or empty.</summary>
    private static string? Text(string list, long number, JsonElement entry, string property)
    {
        if (!entry.TryGetProperty(property, out var value))
        {
            return null;
        }

        switch (value.ValueKind)
        {
            case JsonValueKind.Null:
                return null;
            case JsonValueKind.String:
                var text = value.GetString()!.Trim();
                return text.Length > 0 ? text : null;
            case JsonValueKind.Number when property is "label" or "group":
                return value.GetRawText();
            default:
                throw ListDataset.Wrong(list, number, $"\"{property}\" is neither text nor a number; write a string.");
        }
    }
}
