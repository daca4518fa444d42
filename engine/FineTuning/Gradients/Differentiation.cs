using OnnxTransfer.Onnx;
using OnnxTransfer.Onnx.Protos;
using static OnnxTransfer.Onnx.Protos.TensorProto.Types;

namespace OnnxTransfer.FineTuning;

/// <summary>
/// Reverse-mode differentiation of an ONNX graph into an ONNX graph (Linnainmaa 1970; Griewank and Walther 2008). The walk
/// knows no operator: what each does stands in <see cref="GradientRules"/>.
/// </summary>
internal static class Differentiation
{
    /// <summary>
    /// Appends nodes that compute the gradient of a scalar by each parameter, in opset 16 or later. Nodes that no parameter
    /// comes before, or that the scalar does not depend on, get none.
    /// </summary>
    /// <param name="builder">Begun with the graph that is differentiated; receives the nodes.</param>
    /// <param name="shapes">The shapes of that graph.</param>
    /// <param name="scalar">The tensor that is differentiated, of one element.</param>
    /// <param name="parameters">The tensors it is differentiated by: inputs, constants, or made by nodes.</param>
    /// <param name="special">Rules of single nodes, by their first output, that come before those of their operators.</param>
    /// <returns>The name of the gradient, of the parameter's shape, of each parameter that the scalar depends on.</returns>
    /// <exception cref="NoGradientException">A node on the way cannot be differentiated.</exception>
    public static IReadOnlyDictionary<string, string> Append(
        GraphBuilder builder, GraphShapes shapes, string scalar, IReadOnlyCollection<string> parameters, IReadOnlyDictionary<string, GradientRule>? special = null)
    {
        var graph = shapes.Graph;
        var nodes = graph.Ancestors(scalar);
        var walk = new GradientWalk(builder, shapes, Varying(shapes, nodes, parameters));
        walk.Give(scalar, builder.Constant("gradient/one", [1f], [.. shapes.Shape(scalar)?.Dims.Select(_ => 1L) ?? []]));
        foreach (var node in nodes.Reverse())
        {
            var reached = node.Output.Any(output => output.Length > 0 && walk.Arrived(output) is not null);
            if (reached && graph.Dependencies(node).Any(walk.Varies))
            {
                var seen = new GradientNode(node, walk);
                var rule = special?.GetValueOrDefault(node.Output[0]) ?? GradientRules.Of(node) ?? throw seen.Unsupported("has no gradient here");
                rule(seen);
            }
        }

        return parameters.Select(parameter => (parameter, Gradient: walk.Arrived(parameter))).Where(found => found.Gradient is not null)
            .ToDictionary(found => found.parameter, found => found.Gradient!, StringComparer.Ordinal);
    }

    // Shapes, places and comparisons do not change with a parameter as far as gradients go, nor does what is made of them alone.
    private static HashSet<string> Varying(GraphShapes shapes, IReadOnlyList<NodeProto> nodes, IReadOnlyCollection<string> parameters)
    {
        var graph = shapes.Graph;
        var varying = parameters.ToHashSet(StringComparer.Ordinal);
        foreach (var node in nodes.Where(node => graph.Dependencies(node).Any(varying.Contains)))
        {
            varying.UnionWith(node.Output.Where(output => output.Length > 0 && Continuous(shapes.Type(output))));
        }

        return varying;
    }

    private static bool Continuous(DataType type) =>
        type is DataType.Undefined or DataType.Float or DataType.Double or DataType.Float16 or DataType.Bfloat16;
}
