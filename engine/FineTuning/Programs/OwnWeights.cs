using OnnxTransfer.Onnx;
using OnnxTransfer.Onnx.Protos;

namespace OnnxTransfer.FineTuning;

/// <summary>
/// A network whose weights are initializers, each where it is read: exporters store tensors with the same numbers once and pass them on by
/// Identity nodes, or keep them in Constant nodes, and training changes initializers by their names.
/// </summary>
internal static class OwnWeights
{
    private const int Mean = 3, Variance = 4;

    /// <summary>
    /// Floating-point constants that nodes pass on become initializers of their own, and running statistics that several batch
    /// normalisations share a copy for each. Weights that nodes share otherwise stay shared.
    /// </summary>
    /// <param name="model">The network; it is left as it is, and given back where there is nothing to do.</param>
    public static OnnxModel Of(OnnxModel model)
    {
        var graph = new Graph(model);
        var builder = new GraphBuilder(model);
        var outputs = graph.Outputs.Select(output => output.Name).ToHashSet(StringComparer.Ordinal);
        var made = new Dictionary<string, TensorProto>(StringComparer.Ordinal);
        foreach (var node in graph.Nodes.Where(node => node.OpType is "Identity" or "Constant" && !outputs.Contains(node.Output[0])))
        {
            var source = node.OpType == "Identity" ? node.Input[0] : node.Output[0];
            if ((made.GetValueOrDefault(source) ?? graph.Constant(source)) is { } tensor && TensorData.IsFloating(tensor))
            {
                made[node.Output[0]] = tensor;
            }
        }

        foreach (var (name, tensor) in made)
        {
            builder.Store(name, tensor);
        }

        var taken = new HashSet<string>(StringComparer.Ordinal);
        var isCopied = false;
        foreach (var norm in graph.Nodes.Where(node => node.OpType == "BatchNormalization"))
        {
            foreach (var input in (int[])[Mean, Variance])
            {
                var name = norm.Input[input];
                if ((made.GetValueOrDefault(name) ?? graph.Constant(name)) is { } tensor && !taken.Add(name))
                {
                    isCopied = true;
                    builder.Rewire(norm.Output[0], input, builder.Constant($"{norm.Output[0]}/{(input == Mean ? "mean" : "variance")}", TensorData.Floats(tensor), [.. tensor.Dims]));
                }
            }
        }

        return made.Count > 0 || isCopied ? builder.Build() : model;
    }
}
