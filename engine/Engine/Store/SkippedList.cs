using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;

namespace OnnxTransfer.Engine;

/// <summary>
/// skipped.jsonl: the images left out, with the reason, a line each, and as its last line what the store holds:
/// <c>{"blocks":B,"images":N}</c>. It is written last and taken away before a finished store is changed: a store without it
/// is not finished, and one whose index has other blocks lost some.
/// </summary>
/// <param name="Skipped">The images left out.</param>
/// <param name="Blocks">Blocks in the index.</param>
/// <param name="Images">Images in them.</param>
internal sealed record SkippedList(IReadOnlyList<SkippedImage> Skipped, int Blocks, int Images)
{
    private static readonly JsonSerializerOptions Options = new()
    {
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
        PropertyNamingPolicy = JsonNamingPolicy.CamelCase,
        RespectNullableAnnotations = true,
        RespectRequiredConstructorParameters = true,
    };

    /// <summary>The file's text.</summary>
    public string Text()
    {
        var text = new StringBuilder();
        foreach (var image in Skipped)
        {
            text.Append(JsonSerializer.Serialize(image, Options)).Append('\n');
        }

        return text.Append(JsonSerializer.Serialize(new Whole(Blocks, Images), Options)).Append('\n').ToString();
    }

    /// <summary>Reads the file's text.</summary>
    /// <exception cref="OnnxTransferException"><see cref="FailureKind.Data"/>: it is damaged.</exception>
    public static SkippedList Parse(string text, string where)
    {
        try
        {
            var lines = text.Split('\n', StringSplitOptions.RemoveEmptyEntries);
            return lines.Length > 0 && Line<Whole>(lines[^1]) is var whole
                ? new SkippedList([.. lines[..^1].Select(Line<SkippedImage>)], whole.Blocks, whole.Images)
                : throw new JsonException("It is empty.");
        }
        catch (JsonException e)
        {
            throw new OnnxTransferException(FailureKind.Data, $"{where} is damaged; run the same extract again, which mends it.", e);
        }
    }

    private static T Line<T>(string line) => JsonSerializer.Deserialize<T>(line, Options) ?? throw new JsonException("A line is null.");

    private sealed record Whole(int Blocks, int Images);
}
