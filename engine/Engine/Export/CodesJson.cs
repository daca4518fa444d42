using System.Text.Json;
using System.Text.Json.Nodes;

namespace OnnxTransfer.Engine;

/// <summary>What made the codes of a head, as JSON: <c>{"columns":["name|avg"],"store":{...}}</c>, the latter as in store.json.</summary>
internal static class CodesJson
{
    /// <summary>The JSON of columns and the header of their store.</summary>
    public static string Write(StoreHeader header, IReadOnlyList<CodeColumn> columns) => new JsonObject
    {
        ["columns"] = new JsonArray([.. columns.Select(static column => (JsonNode)column.Key)]),
        ["store"] = JsonNode.Parse(StoreHeaderJson.Write(header)),
    }.ToJsonString();

    /// <summary>What <see cref="Write"/> wrote.</summary>
    /// <exception cref="Exception">One of those that <see cref="ModelMetadata.Parse{T}"/> turns into a sentence.</exception>
    public static (StoreHeader Header, IReadOnlyList<CodeColumn> Columns) Read(JsonElement json, string where)
    {
        var header = StoreHeaderJson.Parse(json.GetProperty("store").GetRawText(), where);
        return (header, [.. json.GetProperty("columns").EnumerateArray().Select(key => header.Columns.Single(column => column.Key == key.GetString()))]);
    }
}
