using OnnxTransfer.Onnx.Protos;

namespace OnnxTransfer.Onnx;

/// <summary>The walk over every tensor that a graph stores.</summary>
internal static class Tensors
{
    /// <summary>Initializers and tensor attributes, in the order of the file, bodies of If, Loop and Scan included.</summary>
    public static IEnumerable<TensorProto> All(GraphProto graph) =>
        graph.Initializer.Concat(graph.Node.SelectMany(n => n.Attribute).SelectMany(Of));

    private static IEnumerable<TensorProto> Of(AttributeProto attribute)
    {
        var own = attribute.T is null ? attribute.Tensors : attribute.Tensors.Prepend(attribute.T);
        var bodies = attribute.G is null ? attribute.Graphs : attribute.Graphs.Prepend(attribute.G);
        return own.Concat(bodies.SelectMany(All));
    }
}
