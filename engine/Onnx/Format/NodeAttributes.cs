using OnnxTransfer.Onnx.Protos;

namespace OnnxTransfer.Onnx;

/// <summary>The attributes of a node, by name.</summary>
public static class NodeAttributes
{
    /// <summary>An attribute, or null.</summary>
    public static AttributeProto? Attribute(this NodeProto node, string name)
    {
        ArgumentNullException.ThrowIfNull(node);
        return node.Attribute.FirstOrDefault(attribute => attribute.Name == name);
    }

    /// <summary>A whole number; where the node has none, <paramref name="otherwise"/>.</summary>
    public static long Int(this NodeProto node, string name, long otherwise) => node.Attribute(name)?.I ?? otherwise;

    /// <summary>A number; where the node has none, <paramref name="otherwise"/>.</summary>
    public static float Float(this NodeProto node, string name, float otherwise) => node.Attribute(name)?.F ?? otherwise;

    /// <summary>A text; where the node has none, <paramref name="otherwise"/>.</summary>
    public static string Text(this NodeProto node, string name, string otherwise) => node.Attribute(name)?.S.ToStringUtf8() ?? otherwise;

    /// <summary>A list of whole numbers, or null.</summary>
    public static long[]? Ints(this NodeProto node, string name) => node.Attribute(name) is { } attribute ? [.. attribute.Ints] : null;

    /// <summary>A list of numbers, or null.</summary>
    public static float[]? Floats(this NodeProto node, string name) => node.Attribute(name) is { } attribute ? [.. attribute.Floats] : null;
}
