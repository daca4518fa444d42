using System.Text.Json;
using System.Text.Json.Nodes;

namespace OnnxTransfer.Engine;

/// <summary>What made the codes of a head, as JSON: <c>{"column":"name|avg","store":{...}}</c>, the latter as in store.json.</summary>
internal static class CodesJson
{
    /// <summary>The JSON of a column and the header of its store.</summary>
    public static string Write(StoreHeader header, CodeColumn column) => new JsonObject
    {
        ["column"] = column.Key,
        ["store"] = JsonNode.Parse(StoreHeaderJson.Write(header)),
    }.ToJsonString();

    /// <summary>What <see cref="Write"/> wrote.</summary>
    /// <exception cref="Exception">One of those that <see cref="ModelMetadata.Parse{T}"/> turns into a sentence.</exception>
    public static (StoreHeader Header, CodeColumn Column) Read(JsonElement json, string where)
    {
        var header = StoreHeaderJson.Parse(json.GetProperty("store").GetRawText(), where);
        var key = json.GetProperty("column").GetString();
        return (header, header.Columns.Single(column => column.Key == key));
    }
}
