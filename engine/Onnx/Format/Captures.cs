using OnnxTransfer.Onnx.Protos;

namespace OnnxTransfer.Onnx;

/// <summary>What the bodies of control-flow nodes (If, Loop, Scan) take from the graph around them.</summary>
internal static class Captures
{
    /// <summary>The bodies of <paramref name="node"/>.</summary>
    public static IEnumerable<GraphProto> Bodies(NodeProto node) =>
        node.Attribute.SelectMany(a => a.G is null ? a.Graphs : a.Graphs.Prepend(a.G));

    /// <summary>The names that the bodies of <paramref name="node"/> use and do not define, at any depth.</summary>
    public static IEnumerable<string> Of(NodeProto node) => Bodies(node).SelectMany(OfBody);

    private static IEnumerable<string> OfBody(GraphProto body)
    {
        var own = body.Input.Select(i => i.Name)
            .Concat(body.Initializer.Select(i => i.Name))
            .Concat(body.Node.SelectMany(n => n.Output))
            .ToHashSet(StringComparer.Ordinal);
        return body.Node.SelectMany(n => n.Input.Concat(Of(n)))
            .Concat(body.Output.Select(o => o.Name))
            .Where(name => name.Length > 0 && !own.Contains(name))
            .Distinct(StringComparer.Ordinal);
    }
}
