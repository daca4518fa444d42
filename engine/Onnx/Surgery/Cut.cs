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
        var needed = Ancestors(graph, tensors);
        var read = needed.SelectMany(Graph.Reads).ToHashSet();
        var source = model.Proto.Graph;
        var kept = new GraphProto
        {
            Name = source.HasName ? source.Name : "graph",
            Node = { graph.Nodes.Where(needed.Contains).Select(n => n.Clone()) },
            Input = { source.Input.Where(i => read.Contains(i.Name)).Select(i => i.Clone()) },
            ValueInfo = { source.ValueInfo.Where(v => read.Contains(v.Name) && !tensors.Contains(v.Name)).Select(v => v.Clone()) },
        };

        // Weights are most of a model: they are shared with it, since neither model is changed in place.
        kept.Initializer.AddRange(source.Initializer.Where(t => read.Contains(t.Name)));
        kept.Output.AddRange(tensors.Select(t => Describe(source, t)));

        var proto = model.Proto.Clone();
        proto.Graph = kept;
        return model.WithProto(proto);
    }

    /// <summary>The nodes that take part in computing <paramref name="tensors"/>.</summary>
    /// <exception cref="OnnxTransferException"><see cref="FailureKind.Model"/>: a name that no node makes.</exception>
    public static IReadOnlySet<NodeProto> Ancestors(Graph graph, IEnumerable<string> tensors)
    {
        ArgumentNullException.ThrowIfNull(graph);
        ArgumentNullException.ThrowIfNull(tensors);
        var found = new HashSet<NodeProto>(ReferenceEqualityComparer.Instance);
        var open = new Stack<NodeProto>();
        foreach (var tensor in tensors)
        {
            open.Push(graph.Producer(tensor) ?? throw new OnnxTransferException(
                FailureKind.Model, $"No node of {graph.Model.Name} makes the tensor '{tensor}'; `onnxtransfer taps` lists those that can be tapped."));
        }

        while (open.TryPop(out var node))
        {
            if (found.Add(node))
            {
                foreach (var producer in Graph.Reads(node).Select(graph.Producer).OfType<NodeProto>())
                {
                    open.Push(producer);
                }
            }
        }

        return found;
    }

    private static ValueInfoProto Describe(GraphProto source, string tensor) =>
        source.Output.Concat(source.ValueInfo).FirstOrDefault(v => v.Name == tensor)?.Clone()
        ?? new ValueInfoProto
        {
            Name = tensor,
            Type = new TypeProto { TensorType = new TypeProto.Types.Tensor { ElemType = (int)TensorProto.Types.DataType.Float } },
        };
}
