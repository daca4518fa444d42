using Google.Protobuf.Collections;
using OnnxTransfer.Onnx.Protos;

namespace OnnxTransfer.Onnx;

/// <summary>Cuts a graph down to what computes chosen tensors.</summary>
public static class Cut
{
    /// <summary>
    /// A model whose outputs are <paramref name="tensors"/>, in that order, with only the nodes, weights and inputs
    /// that they need; names are kept.
    /// </summary>
    /// <exception cref="OnnxTransferException">
    /// <see cref="FailureKind.Model"/>: a name that no node makes; <see cref="FailureKind.Usage"/>: none given, or one twice.
    /// </exception>
    public static OnnxModel At(OnnxModel model, IReadOnlyList<string> tensors)
    {
        ArgumentNullException.ThrowIfNull(model);
        ArgumentNullException.ThrowIfNull(tensors);
        if (tensors.Count == 0 || tensors.Distinct().Count() != tensors.Count)
        {
            throw new OnnxTransferException(FailureKind.Usage, "A cut needs at least one tensor, and each only once.");
        }

        var graph = new Graph(model);
        if (tensors.FirstOrDefault(t => graph.Producer(t) is null) is { } unmade)
        {
            throw new OnnxTransferException(
                FailureKind.Model, $"No node of {graph.Model.Name} makes the tensor '{unmade}'; `onnxtransfer taps` lists those that can be tapped.");
        }

        // A clone keeps what a newer version of the format adds to a graph.
        var proto = model.Proto.Clone();
        var (source, kept) = (model.Proto.Graph, proto.Graph);
        var needed = graph.Ancestors(tensors);
        var read = needed.SelectMany(graph.Dependencies).ToHashSet();
        kept.Name = source.HasName ? source.Name : "graph";
        Replace(kept.Node, needed.Select(n => n.Clone()));
        Replace(kept.Input, source.Input.Where(i => read.Contains(i.Name)).Select(i => i.Clone()));
        Replace(kept.Output, tensors.Select(t => Describe(source, t)));
        Replace(kept.ValueInfo, source.ValueInfo.Where(v => read.Contains(v.Name) && !tensors.Contains(v.Name)).Select(v => v.Clone()));

        // Weights are most of a model: they are shared with it, since neither model is changed in place.
        Replace(kept.Initializer, source.Initializer.Where(t => read.Contains(t.Name)));
        return model.WithProto(proto);
    }

    private static void Replace<T>(RepeatedField<T> list, IEnumerable<T> items)
    {
        list.Clear();
        list.AddRange(items);
    }

    private static ValueInfoProto Describe(GraphProto source, string tensor) =>
        source.Output.Concat(source.ValueInfo).FirstOrDefault(v => v.Name == tensor)?.Clone()
        ?? new ValueInfoProto
        {
            Name = tensor,
            Type = new TypeProto { TensorType = new TypeProto.Types.Tensor { ElemType = (int)TensorProto.Types.DataType.Float } },
        };
}
