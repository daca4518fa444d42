using OnnxTransfer.Onnx.Protos;

namespace OnnxTransfer.Onnx;

/// <summary>Names for nodes without one, so that messages and reports can point at them.</summary>
internal static class NodeNames
{
    /// <summary>Names each unnamed node after its operator and its place in the file, avoiding names in use.</summary>
    public static void Complete(ModelProto proto)
    {
        var used = proto.Graph.Node.Select(n => n.Name).ToHashSet();
        for (var i = 0; i < proto.Graph.Node.Count; i++)
        {
            var node = proto.Graph.Node[i];
            if (node.Name.Length > 0)
            {
                continue;
            }

            var name = $"{node.OpType}_{i}";
            while (!used.Add(name))
            {
                name += "_";
            }

            node.Name = name;
        }
    }
}
