using OnnxTransfer.Onnx;

namespace OnnxTransfer.FineTuning.Tests.Reference;

/// <summary>
/// Computes a graph in double, one operator after the other, as the specification of ONNX describes each, in plain loops:
/// what gradients and float32 runs are compared with.
/// </summary>
internal static class ReferenceEvaluator
{
    private static readonly Dictionary<string, Func<RefNode, Nd[]>> Table = new[]
    {
        ElementwiseOperators.All, ActivationOperators.All, ConvolutionOperators.All, PoolingOperators.All, ProductOperators.All,
        ReductionOperators.All, NormalizationOperators.All, ArrangementOperators.All, SelectionOperators.All, ResizeOperators.All,
    }.SelectMany(family => family).ToDictionary(entry => entry.Op, entry => entry.Compute);

    /// <summary>The values of tensors, given those of the inputs.</summary>
    public static Nd[] Run(Graph graph, IReadOnlyDictionary<string, Nd> inputs, params string[] tensors)
    {
        var values = new Dictionary<string, Nd>(inputs);
        foreach (var tensor in graph.Model.Proto.Graph.Initializer)
        {
            values.TryAdd(tensor.Name, Nd.Of(tensor));
        }

        foreach (var node in graph.Ancestors(tensors))
        {
            var seen = new RefNode(node, [.. node.Input.Select(input => input.Length > 0 ? values[input] : null)]);
            var results = node.OpType == "Constant" ? [Nd.Of(graph.Constant(node.Output[0])!)] : Table[node.OpType](seen);
            for (var i = 0; i < node.Output.Count; i++)
            {
                if (node.Output[i].Length > 0)
                {
                    values[node.Output[i]] = results[i];
                }
            }
        }

        return [.. tensors.Select(tensor => values[tensor])];
    }
}
