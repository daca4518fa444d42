using OnnxTransfer.Onnx.Protos;
using static OnnxTransfer.Onnx.Protos.TensorProto.Types;

namespace OnnxTransfer.Onnx.Tests;

/// <summary>Graphs small enough to see through.</summary>
internal static class TinyModels
{
    /// <summary>A graph with the float32 input "image" of the given dimensions; nodes and outputs are added by <paramref name="build"/>.</summary>
    public static OnnxModel Of(object[] image, Action<GraphBuilder> build, long opset = 13)
    {
        var graph = GraphBuilder.Empty("tiny", opset, 7);
        graph.Input("image", DataType.Float, image);
        build(graph);
        return OnnxModel.FromProto(graph.Build().Proto, "tiny");
    }

    /// <summary>Conv 3 to 4 channels, Relu, GlobalAveragePool, Flatten, Gemm to 2 values: [N, 3, 8, 8] to "scores".</summary>
    public static OnnxModel Network(object? batch = null) => Of([batch ?? "N", 3, 8, 8], graph =>
    {
        var weights = graph.Constant("conv.weight", Runtime.Noise(4 * 3 * 9), 4, 3, 3, 3);
        var conv = graph.Add("Conv", ["image", weights], "conv", ("pads", new long[] { 1, 1, 1, 1 }), ("strides", new long[] { 2, 2 }));
        var relu = graph.Add("Relu", [conv], "relu");
        var pool = graph.Add("GlobalAveragePool", [relu], "pool");
        var flat = graph.Add("Flatten", [pool], "flat", ("axis", 1L));
        var matrix = graph.Constant("fc.weight", Runtime.Noise(8, 2), 2, 4);
        var scores = graph.Add("Gemm", [flat, matrix], "scores", ("transB", 1L));
        graph.Output(scores, DataType.Float, batch ?? "N", 2);
    });

    /// <summary>One node on the image, and its output "y".</summary>
    public static OnnxModel Node(object[] image, string op, long opset, Func<GraphBuilder, string[]> more, params (string, object)[] attributes) =>
        Of(image, graph => graph.Output(graph.Add(op, ["image", .. more(graph)], "y", attributes), DataType.Float), opset);

    /// <summary>The proto of a model, free to be changed.</summary>
    public static ModelProto Copy(this OnnxModel model) => model.Proto.Clone();
}
