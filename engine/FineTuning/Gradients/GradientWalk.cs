using OnnxTransfer.Onnx;

namespace OnnxTransfer.FineTuning;

/// <summary>What a walk has gathered: which tensors depend on a parameter, and the gradients that have come to each.</summary>
/// <param name="builder">Receives the nodes.</param>
/// <param name="shapes">The shapes of the graph that is differentiated.</param>
/// <param name="varying">The tensors that depend on a parameter.</param>
internal sealed class GradientWalk(GraphBuilder builder, GraphShapes shapes, HashSet<string> varying)
{
    private readonly Dictionary<string, List<string>> shares = new(StringComparer.Ordinal);
    private readonly Dictionary<string, string> constants = new(StringComparer.Ordinal);

    /// <summary>Receives the nodes.</summary>
    public GraphBuilder Builder => builder;

    /// <summary>The shapes of the graph that is differentiated.</summary>
    public GraphShapes Shapes => shapes;

    /// <summary>Whether a tensor depends on a parameter.</summary>
    public bool Varies(string tensor) => varying.Contains(tensor);

    /// <summary>Adds a share to the gradient of a tensor; of one that depends on no parameter none is kept.</summary>
    public void Give(string tensor, string gradient)
    {
        if (Varies(tensor))
        {
            (shares.TryGetValue(tensor, out var list) ? list : shares[tensor] = []).Add(gradient);
        }
    }

    /// <summary>The sum of the shares so far, or null where there are none. Called once all have come.</summary>
    public string? Arrived(string tensor)
    {
        if (!shares.TryGetValue(tensor, out var list))
        {
            return null;
        }

        if (list.Count > 1)
        {
            shares[tensor] = list = [builder.Add("Sum", list, $"gradient/{tensor}")];
        }

        return list[0];
    }

    /// <summary>A float32 scalar; the same one for the same value.</summary>
    public string Scalar(float value) => Constant($"f{BitConverter.SingleToInt32Bits(value)}", () => builder.Constant("gradient/number", [value]));

    /// <summary>An int64 vector; the same one for the same values.</summary>
    public string Longs(long[] values) => Constant($"i{string.Join(',', values)}", () => builder.Constant("gradient/numbers", values, values.Length));

    private string Constant(string key, Func<string> make) => constants.TryGetValue(key, out var name) ? name : constants[key] = make();
}
