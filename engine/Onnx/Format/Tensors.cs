using OnnxTransfer.Onnx.Protos;

namespace OnnxTransfer.Onnx;

/// <summary>The walk over every tensor that a graph stores.</summary>
internal static class Tensors
{
    /// <summary>Initializers and tensor attributes, in the order of the file, bodies of If, Loop and Scan included.</summary>
    public static IEnumerable<TensorProto> All(GraphProto graph) =>
        graph.Initializer.Concat(graph.Node.SelectMany(n => n.Attribute).SelectMany(Of));

    /// <summary>The tensors of an attribute, those of bodies included.</summary>
    public static IEnumerable<TensorProto> Of(AttributeProto attribute) =>
        (attribute.T is null ? attribute.Tensors : attribute.Tensors.Prepend(attribute.T)).Concat(Bodies(attribute).SelectMany(All));

    /// <summary>The sparse tensors of a graph, bodies included.</summary>
    public static IEnumerable<SparseTensorProto> Sparse(GraphProto graph) =>
        graph.SparseInitializer.Concat(graph.Node.SelectMany(n => n.Attribute).SelectMany(Sparse));

    /// <summary>The sparse tensors of an attribute, those of bodies included.</summary>
    public static IEnumerable<SparseTensorProto> Sparse(AttributeProto attribute) =>
        (attribute.SparseTensor is null ? attribute.SparseTensors : attribute.SparseTensors.Prepend(attribute.SparseTensor))
            .Concat(Bodies(attribute).SelectMany(Sparse));

    private static IEnumerable<GraphProto> Bodies(AttributeProto attribute) =>
        attribute.G is null ? attribute.Graphs : attribute.Graphs.Prepend(attribute.G);
}
