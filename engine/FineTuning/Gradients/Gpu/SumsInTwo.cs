using OnnxTransfer.Onnx;
using OnnxTransfer.Onnx.Protos;

namespace OnnxTransfer.FineTuning;

/// <summary>
/// Sums over images and positions, what is left being channels, are parted in two: first over positions, then over images. Axes that lie
/// beside each other are summed over several times as fast on a GPU.
/// </summary>
internal static class SumsInTwo
{
    /// <summary>Parts the sums of a graph.</summary>
    public static OnnxModel Apply(OnnxModel model)
    {
        var proto = model.Proto.Clone();
        var constants = proto.Graph.Initializer.ToDictionary(tensor => tensor.Name, StringComparer.Ordinal);
        NodeProto[] nodes = [.. proto.Graph.Node];
        proto.Graph.Node.Clear();
        var images = TensorData.Of("sum/images", (ReadOnlySpan<long>)[0], 1);
        proto.Graph.Initializer.Add(images);
        foreach (var node in nodes)
        {
            if (AxesOfChannelSum(node, constants) is { } axes)
            {
                var positions = TensorData.Of($"{node.Output[0]}/positions/axes", axes.AsSpan(1), axes.Length - 1);
                proto.Graph.Initializer.Add(positions);
                var first = new NodeProto { OpType = node.OpType, Name = $"{node.Output[0]}/positions/sum", Input = { node.Input[0], positions.Name }, Output = { $"{node.Output[0]}/positions" } };
                first.Attribute.Add(node.Attribute);
                proto.Graph.Node.Add(first);
                node.Input.Clear();
                node.Input.Add([first.Output[0], images.Name]);
            }

            proto.Graph.Node.Add(node);
        }

        return model.WithProto(proto);
    }

    // The axes 0, 2, 3, ... of a sum that lets them go; null where it is no such sum.
    private static long[]? AxesOfChannelSum(NodeProto node, Dictionary<string, TensorProto> constants)
    {
        if (node is not { OpType: "ReduceSum", Domain: "", Input.Count: 2 } || node.Int("keepdims", 1) != 0 || !constants.TryGetValue(node.Input[1], out var tensor))
        {
            return null;
        }

        var axes = TensorData.Longs(tensor);
        return axes.Length > 1 && axes[0] == 0 && axes.Skip(1).Select((axis, place) => axis == place + 2).All(static follows => follows) ? axes : null;
    }
}
