using OnnxTransfer.Onnx;
using static OnnxTransfer.Onnx.Protos.TensorProto.Types;

namespace OnnxTransfer.FineTuning;

/// <summary>y is the elements of x at places along an axis: dy is added up at those places.</summary>
internal static class GatherGradient
{
    /// <summary>The rule.</summary>
    public static void Rule(GradientNode node)
    {
        var rank = node.Shape(node.Input(0)).Rank;
        var axis = GradientNode.Axis(node.Node.Int("axis", 0), rank);
        var places = node.Shape(node.Input(1)).Rank;
        // ScatterND takes int64 places alone.
        var indices = node.Add("Unsqueeze", [node.Add("Cast", [node.Input(1)], ("to", (long)DataType.Int64)), node.Longs(-1)]);
        if (axis == 0)
        {
            node.Give(0, Scatter(node, node.Zeros(node.Input(0)), indices, node.Gradient));
            return;
        }

        // The axis of x, and the axes of the places in y, are brought to the front and back.
        long[] front = [.. Enumerable.Range(axis, places), .. Enumerable.Range(0, axis), .. Enumerable.Range(axis + places, rank - axis - 1)];
        long[] first = [axis, .. Enumerable.Range(0, axis), .. Enumerable.Range(axis + 1, rank - axis - 1)];
        long[] back = [.. Enumerable.Range(1, axis), 0, .. Enumerable.Range(axis + 1, rank - axis - 1)];
        var zeros = node.Add("Transpose", [node.Zeros(node.Input(0))], ("perm", first));
        var added = Scatter(node, zeros, indices, node.Add("Transpose", [node.Gradient], ("perm", front)));
        node.Give(0, node.Add("Transpose", [added], ("perm", back)));
    }

    private static string Scatter(GradientNode node, string zeros, string indices, string updates) =>
        node.Add("ScatterND", [zeros, indices, updates], ("reduction", "add"));
}
