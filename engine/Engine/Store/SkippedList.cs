using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;

namespace OnnxTransfer.Engine;

/// <summary>
/// skipped.jsonl: the images left out, with the reason, a line each. It is written last, even when it is empty, and taken
/// away before a finished store is changed: a store without it is not finished.
/// </summary>
internal static class SkippedList
{
    private static readonly JsonSerializerOptions Options = new()
    {
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping, PropertyNamingPolicy = JsonNamingPolicy.CamelCase,
    };

    /// <summary>The file's text.</summary>
    public static string Text(IEnumerable<SkippedImage> skipped)
    {
        var text = new StringBuilder();
        foreach (var image in skipped)
        {
            text.Append(JsonSerializer.Serialize(image, Options)).Append('\n');
        }

        return text.ToString();
    }

    /// <summary>Reads the file's text.</summary>
    /// <exception cref="OnnxTransferException"><see cref="FailureKind.Data"/>: it is damaged.</exception>
    public static IReadOnlyList<SkippedImage> Parse(string text, string where)
    {
        try
        {
            return [.. text.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(line =>
                JsonSerializer.Deserialize<SkippedImage>(line, Options) is { Id: not null, Reason: not null } image ? image : throw new JsonException("A line lacks its id or reason."))];
        }
        catch (JsonException e)
        {
            throw new OnnxTransferException(FailureKind.Data, $"{where} is damaged; run the same extract again, which mends it.", e);
        }
    }
}
