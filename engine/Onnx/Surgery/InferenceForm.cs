using OnnxTransfer.Onnx.Protos;

namespace OnnxTransfer.Onnx;

/// <summary>A trained network without what only training needs.</summary>
public static class InferenceForm
{
    private const float UsualEpsilon = 1e-5f;

    /// <summary>
    /// A model that computes the same for every image with fewer nodes: batch normalisations after a convolution are folded into
    /// its weights, w' = w s / √(v + ε) and b' = (b - m) s / √(v + ε) + t with scale s, shift t, mean m and variance v of the
    /// output's channel, in double and rounded once; dropouts and identities are left out.
    /// </summary>
    public static OnnxModel Of(OnnxModel model)
    {
        ArgumentNullException.ThrowIfNull(model);
        var proto = model.Proto.Clone();
        LeaveOutPassings(proto.Graph);
        var graph = new Graph(model.WithProto(proto));
        var stored = proto.Graph.Initializer.ToDictionary(tensor => tensor.Name, StringComparer.Ordinal);
        foreach (var norm in graph.Nodes.Where(node => node.OpType == "BatchNormalization" && node.Output.Count(output => output.Length > 0) == 1))
        {
            if (graph.Producer(norm.Input[0]) is { OpType: "Conv" } convolution && IsOnlyFor(norm.Input[0], norm, graph)
                && norm.Input.Skip(1).Concat(convolution.Input.Skip(1)).All(stored.ContainsKey)
                && graph.Consumers(convolution.Input[1]).Count == 1)
            {
                Fold(proto.Graph, convolution, norm, stored);
            }
        }

        RemoveUnread(proto.Graph);
        return model.WithProto(proto);
    }

    private static bool IsOnlyFor(string tensor, NodeProto node, Graph graph) =>
        graph.Consumers(tensor) is [var only] && only == node && graph.Outputs.All(output => output.Name != tensor);

    private static void Fold(GraphProto graph, NodeProto convolution, NodeProto norm, Dictionary<string, TensorProto> stored)
    {
        var (scale, shift, mean, variance) = (Read(norm.Input[1]), Read(norm.Input[2]), Read(norm.Input[3]), Read(norm.Input[4]));
        var weights = Read(convolution.Input[1]);
        var intercepts = convolution.Input.Count > 2 && convolution.Input[2].Length > 0 ? Read(convolution.Input[2]) : new float[scale.Length];
        var (epsilon, each) = (norm.Float("epsilon", UsualEpsilon), weights.Length / scale.Length);
        var folded = new float[scale.Length];
        for (var channel = 0; channel < scale.Length; channel++)
        {
            var factor = scale[channel] / Math.Sqrt((double)variance[channel] + epsilon);
            folded[channel] = (float)(((intercepts[channel] - (double)mean[channel]) * factor) + shift[channel]);
            foreach (ref var weight in weights.AsSpan(channel * each, each))
            {
                weight = (float)(weight * factor);
            }
        }

        var name = norm.Input[2];
        for (var i = 1; stored.ContainsKey(name); i++)
        {
            name = $"{norm.Input[2]}/folded_{i}";
        }

        graph.Initializer.Add(stored[name] = TensorData.Of(name, folded, folded.Length));
        var kernel = stored[convolution.Input[1]];
        graph.Initializer.Remove(kernel);
        graph.Initializer.Add(stored[kernel.Name] = TensorData.Of(kernel.Name, weights, [.. kernel.Dims]));
        while (convolution.Input.Count < 3)
        {
            convolution.Input.Add(string.Empty);
        }

        convolution.Input[2] = name;
        convolution.Output[0] = norm.Output[0];
        graph.Node.Remove(norm);

        float[] Read(string tensor) => TensorData.Floats(stored[tensor]);
    }

    // What a dropout or an identity passes on is read where it comes from; one that makes an output of the graph stays.
    private static void LeaveOutPassings(GraphProto graph)
    {
        var outputs = graph.Output.Select(output => output.Name).ToHashSet(StringComparer.Ordinal);
        foreach (var node in graph.Node.Where(node => node.OpType is "Dropout" or "Identity" && node.Domain is "" or "ai.onnx").ToList())
        {
            var read = graph.Node.SelectMany(Graph.Reads).ToHashSet(StringComparer.Ordinal);
            if (node.Output.Any(outputs.Contains) || node.Output.Skip(1).Any(read.Contains) || graph.Node.SelectMany(Captures.Of).Contains(node.Output[0]))
            {
                continue;
            }

            foreach (var reader in graph.Node)
            {
                for (var i = 0; i < reader.Input.Count; i++)
                {
                    reader.Input[i] = reader.Input[i] == node.Output[0] ? node.Input[0] : reader.Input[i];
                }
            }

            graph.Node.Remove(node);
        }
    }

    private static void RemoveUnread(GraphProto graph)
    {
        var read = graph.Node.SelectMany(Graph.Reads).Concat(graph.Output.Select(output => output.Name)).ToHashSet(StringComparer.Ordinal);
        foreach (var tensor in graph.Initializer.Where(tensor => !read.Contains(tensor.Name)).ToList())
        {
            graph.Initializer.Remove(tensor);
        }

        var kept = graph.Node.SelectMany(node => node.Output).Concat(graph.Input.Select(input => input.Name)).Concat(graph.Output.Select(output => output.Name)).ToHashSet(StringComparer.Ordinal);
        foreach (var value in graph.ValueInfo.Where(value => !kept.Contains(value.Name)).ToList())
        {
            graph.ValueInfo.Remove(value);
        }
    }
}
