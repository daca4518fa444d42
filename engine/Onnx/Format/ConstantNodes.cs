using OnnxTransfer.Onnx.Protos;

namespace OnnxTransfer.Onnx;

/// <summary>The values of Constant nodes, in any of the forms that the operator allows for numbers.</summary>
internal static class ConstantNodes
{
    /// <summary>The value as a tensor, or null for other nodes and for sparse and string constants.</summary>
    public static TensorProto? Value(NodeProto node)
    {
        if (node.OpType != "Constant" || node.Domain is not ("" or "ai.onnx"))
        {
            return null;
        }

        var name = node.Output.FirstOrDefault() ?? "";
        foreach (var attribute in node.Attribute)
        {
            switch (attribute.Name)
            {
                case "value":
                    return attribute.T;
                case "value_float":
                    return TensorData.Of(name, [attribute.F]);
                case "value_floats":
                    return TensorData.Of(name, attribute.Floats.ToArray(), attribute.Floats.Count);
                case "value_int":
                    return TensorData.Of(name, [attribute.I]);
                case "value_ints":
                    return TensorData.Of(name, attribute.Ints.ToArray(), attribute.Ints.Count);
            }
        }

        return null;
    }
}
