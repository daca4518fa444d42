using Google.Protobuf.Collections;
using OnnxTransfer.Onnx.Protos;

namespace OnnxTransfer.Onnx;

/// <summary>
/// Older models in operator set 17, so that what is written for it (gradients, losses, appended heads) can stand beside their
/// nodes. What changed from set to set is ONNX's own changelog; each family's changes stand in a file of Upgrades/.
/// </summary>
public static class OpsetRaise
{
    private const long Target = 17;

    // The version of the format that came with operator set 17.
    private const long IrVersion = 8;

    /// <summary>
    /// The model in operator set 17, computing what it did: the tensors keep their names, nodes of changed operators are
    /// rewritten. Models in set 17 or later, and nodes of other domains, are left as they are.
    /// </summary>
    /// <exception cref="OnnxTransferException">
    /// Model: a node, which is named, is written in a way that set 17 does not have; or the model has functions of its own.
    /// </exception>
    public static OnnxModel To17(OnnxModel model)
    {
        ArgumentNullException.ThrowIfNull(model);
        if (model.Opset >= Target)
        {
            return model;
        }

        var shapes = ShapeInference.Infer(new Graph(model));
        var proto = model.Proto.Clone();
        if (proto.Functions.Count > 0)
        {
            throw new OnnxTransferException(
                FailureKind.Model,
                $"{model.Name} has functions of its own in operator set {model.Opset}, which are not rewritten for {Target}; export it again with opset {Target}.");
        }

        Raise(proto.Graph, new Raised(model, shapes, Names(proto.Graph).ToHashSet(StringComparer.Ordinal)));
        proto.IrVersion = Math.Max(proto.IrVersion, IrVersion);
        proto.OpsetImport.First(import => import.Domain is "" or "ai.onnx").Version = Target;
        return model.WithProto(proto);
    }

    private static void Raise(GraphProto graph, Raised raised)
    {
        var nodes = new List<NodeProto>();
        foreach (var node in graph.Node)
        {
            foreach (var body in Captures.Bodies(node))
            {
                Raise(body, raised);
            }

            if (UpgradeRules.Of(node, raised.Opset) is not { } rule || node.Output.All(output => output.Length == 0))
            {
                nodes.Add(node);
                continue;
            }

            var old = new OldNode(node, graph, raised);
            rule(old);
            nodes.AddRange(old.Result);
        }

        Replace(graph.Node, nodes);
    }

    private static void Replace(RepeatedField<NodeProto> list, List<NodeProto> nodes)
    {
        list.Clear();
        list.AddRange(nodes);
    }

    // Those of bodies too: a body sees the names of the graph around it.
    private static IEnumerable<string> Names(GraphProto graph) =>
        graph.Node.SelectMany(node => node.Output.Append(node.Name).Concat(Captures.Bodies(node).SelectMany(Names)))
            .Concat(graph.Initializer.Select(tensor => tensor.Name))
            .Concat(graph.Input.Select(input => input.Name));
}
