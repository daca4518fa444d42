using System.Text.Json;

namespace OnnxTransfer.Study;

/// <summary>JSON that stands inside a script tag: nothing in it can end the tag or begin another.</summary>
internal static class ScriptJson
{
    /// <summary>A list of texts; the usual encoder writes &lt;, &gt;, &amp;, quotes and all that is not ASCII as escapes.</summary>
    public static string List(IReadOnlyList<string?> texts) => JsonSerializer.Serialize(texts);
}
