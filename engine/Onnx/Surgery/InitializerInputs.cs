using OnnxTransfer.Onnx.Protos;

namespace OnnxTransfer.Onnx;

/// <summary>
/// IR 3 lists the weights among the graph's inputs too, as values a caller may replace, which keeps a runtime from
/// folding and fusing them. From IR 4 on a weight is a constant unless it is listed.
/// </summary>
internal static class InitializerInputs
{
    private const long ConstantsAllowed = 4;

    /// <summary>Takes initializers out of the inputs; an IR 3 model becomes IR 4, the first that allows it.</summary>
    public static void Remove(ModelProto proto)
    {
        var initializers = proto.Graph.Initializer.Select(t => t.Name).ToHashSet();
        foreach (var input in proto.Graph.Input.Where(i => initializers.Contains(i.Name)).ToList())
        {
            proto.Graph.Input.Remove(input);
        }

        proto.IrVersion = Math.Max(proto.IrVersion, ConstantsAllowed);
    }
}
