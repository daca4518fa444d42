using OnnxTransfer.Onnx;
using OnnxTransfer.Onnx.Protos;

namespace OnnxTransfer.Engine;

/// <summary>Graphs of one node that take float32 tensors of any shape: what is to happen to tensors that lie on an execution provider.</summary>
internal static class TinyGraphs
{
    /// <summary>The inputs, in order.</summary>
    public static readonly IReadOnlyList<string> Inputs = ["x", "y"];

    /// <summary>The output.</summary>
    public const string Output = "result";

    /// <summary>x as it is.</summary>
    public static OnnxModel Identity() => Of("Identity", 1);

    /// <summary>x + y, element by element.</summary>
    public static OnnxModel Add() => Of("Add", 2);

    private static OnnxModel Of(string opType, int inputs)
    {
        var graph = GraphBuilder.Empty(opType, 17, 8);
        string[] names = [.. Inputs.Take(inputs)];
        Array.ForEach(names, name => graph.Input(name, TensorProto.Types.DataType.Float));
        graph.Output(graph.Add(opType, names, Output), TensorProto.Types.DataType.Float);
        var model = graph.Build();

        // A value without a shape has any; one with an empty shape would be a scalar.
        var proto = model.Proto.Clone();
        foreach (var value in proto.Graph.Input.Concat(proto.Graph.Output))
        {
            value.Type.TensorType.Shape = null;
        }

        return model.WithProto(proto);
    }
}
