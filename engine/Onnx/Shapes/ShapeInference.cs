using OnnxTransfer.Onnx.Protos;
using static OnnxTransfer.Onnx.Protos.TensorProto.Types;

namespace OnnxTransfer.Onnx;

/// <summary>The shapes of a graph's tensors, found by walking it once; what each operator does stands in <see cref="ShapeRules"/>.</summary>
public static class ShapeInference
{
    /// <summary>
    /// Infers what can be known. A node that cannot work on its inputs (a window larger than its map) makes its outputs,
    /// and all that depends on them, impossible with a reason; an operator without a rule makes its outputs unknown.
    /// </summary>
    /// <param name="graph">The graph.</param>
    /// <param name="inputs">Shapes to take for inputs instead of those that the model declares.</param>
    public static GraphShapes Infer(Graph graph, IReadOnlyDictionary<string, TensorShape>? inputs = null)
    {
        ArgumentNullException.ThrowIfNull(graph);
        var facts = new Dictionary<string, TensorFacts>(StringComparer.Ordinal);
        foreach (var input in graph.Inputs)
        {
            var declared = Declared(input);
            facts[input.Name] = inputs?.GetValueOrDefault(input.Name) is { } given ? declared with { Shape = given } : declared;
        }

        foreach (var node in graph.Nodes)
        {
            var outputs = Outputs(node, graph, Known);
            for (var i = 0; i < node.Output.Count; i++)
            {
                // An output that is left out has the empty name, and so has an input: they are not the same tensor.
                if (node.Output[i].Length > 0)
                {
                    facts[node.Output[i]] = i < outputs.Count ? outputs[i] : TensorFacts.Nothing;
                }
            }
        }

        return new GraphShapes(graph, facts);

        TensorFacts Known(string tensor)
        {
            if (!facts.TryGetValue(tensor, out var known))
            {
                known = facts[tensor] = graph.Constant(tensor) is { } constant ? Constant(constant) : TensorFacts.Nothing;
            }

            return known;
        }
    }

    /// <summary>What is known of a stored tensor.</summary>
    internal static TensorFacts Constant(TensorProto tensor)
    {
        var type = TensorData.Type(tensor);
        var shape = TensorShape.Of(tensor.Dims);
        var followed = TensorData.Elements(tensor) <= TensorFacts.MostValues
            && type is DataType.Int64 or DataType.Int32 or DataType.Bool or DataType.Uint8 or DataType.Int8 or DataType.Int16;
        return new(type, shape, followed ? [.. TensorData.Longs(tensor).Select(Dim.Of)] : null);
    }

    private static IReadOnlyList<TensorFacts> Outputs(NodeProto node, Graph graph, Func<string, TensorFacts> known)
    {
        var blocked = graph.Dependencies(node).Select(d => known(d).Impossible).FirstOrDefault(reason => reason is not null);
        if (blocked is not null)
        {
            return Fail(node, blocked);
        }

        try
        {
            var inputs = new NodeFacts(node, graph, known);
            var outputs = ShapeRules.Of(node)?.Invoke(inputs) ?? [];
            var empty = outputs.FirstOrDefault(o => o.Shape?.Dims.Any(d => d.Value < 0 || (d.Value == 0 && o.Shape.Rank > 2)) ?? false);
            return empty is null ? outputs : throw inputs.Impossible($"leaves nothing: {empty.Shape}");
        }
        catch (ImpossibleShapeException e)
        {
            return Fail(node, e.Message);
        }
    }

    private static TensorFacts[] Fail(NodeProto node, string reason) =>
        [.. node.Output.Select(_ => TensorFacts.Nothing with { Impossible = reason })];

    private static TensorFacts Declared(ValueInfoProto input)
    {
        var tensor = input.Type?.TensorType;
        return tensor is null ? TensorFacts.Nothing : new((DataType)tensor.ElemType, Shape(tensor.Shape));
    }

    private static TensorShape? Shape(TensorShapeProto? shape) => shape is null
        ? null
        : new([.. shape.Dim.Select(d => d.HasDimValue && d.DimValue >= 0 ? Dim.Of(d.DimValue)
            : d.HasDimParam && d.DimParam.Length > 0 ? Dim.Named(d.DimParam) : Dim.Unknown)]);
}
