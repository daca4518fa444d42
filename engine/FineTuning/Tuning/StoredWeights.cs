using OnnxTransfer.Onnx;
using OnnxTransfer.Onnx.Protos;

namespace OnnxTransfer.FineTuning;

/// <summary>The initializers of a graph, given other values.</summary>
internal static class StoredWeights
{
    /// <summary>Replaces initializers by name; their extents stay.</summary>
    /// <param name="graph">The graph, which is changed.</param>
    /// <param name="values">As many numbers as each has.</param>
    /// <exception cref="ArgumentException">There is no such initializer, or it has another number of elements.</exception>
    public static void Replace(GraphProto graph, IReadOnlyDictionary<string, float[]> values)
    {
        var places = graph.Initializer.Select((tensor, place) => (tensor.Name, place)).ToDictionary(pair => pair.Name, pair => pair.place, StringComparer.Ordinal);
        foreach (var (name, numbers) in values)
        {
            if (!places.TryGetValue(name, out var place))
            {
                throw new ArgumentException($"The graph has no initializer '{name}'.", nameof(values));
            }

            graph.Initializer[place] = TensorData.Of(name, numbers, [.. graph.Initializer[place].Dims]);
        }
    }
}
