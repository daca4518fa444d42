namespace OnnxTransfer.FineTuning.Tests.Reference;

/// <summary>Normalisations.</summary>
internal static class NormalizationOperators
{
    public static readonly (string Op, Func<RefNode, Nd[]> Compute)[] All =
    [
        ("BatchNormalization", BatchNormalization), ("LayerNormalization", LayerNormalization),
        ("InstanceNormalization", node => [Grouped(node, node[0].Dims[1])]), ("GroupNormalization", node => [Grouped(node, node.Int("num_groups", 1))]),
        ("LRN", Lrn), ("Dropout", node => [node[0]]),
    ];

    private static Nd[] BatchNormalization(RefNode node)
    {
        var (x, epsilon) = (node[0], node.Float("epsilon", 1e-5f));
        return [Nd.Of(
            [.. Nd.Places(x.Dims).Select((at, i) =>
                (node[1].Floats[at[1]] * (x.Floats[i] - node[3].Floats[at[1]]) / Math.Sqrt(node[4].Floats[at[1]] + epsilon)) + node[2].Floats[at[1]])],
            x.Dims)];
    }

    private static Nd[] LayerNormalization(RefNode node)
    {
        var x = node[0];
        int[] axes = [.. Enumerable.Range(0, x.Rank).Skip(node.Axis("axis", -1, x.Rank))];
        var mean = ReductionOperators.Reduce(x, axes, true, values => values.Average());
        var rate = ReductionOperators.Reduce(x, axes, true, values => 1 / Math.Sqrt(Variance(values) + node.Float("epsilon", 1e-5f)));
        var standard = ElementwiseOperators.Combine(ElementwiseOperators.Combine(x, mean, (a, b) => a - b), rate, (a, b) => a * b);
        var scaled = ElementwiseOperators.Combine(standard, node[1], (a, b) => a * b);
        return [node.Has(2) ? ElementwiseOperators.Combine(scaled, node[2], (a, b) => a + b) : scaled, mean, rate];
    }

    private static Nd Grouped(RefNode node, long groups)
    {
        var x = node[0];
        var flat = x.Reshaped(x.Dims[0], groups, x.Count / x.Dims[0] / groups);
        var mean = ReductionOperators.Reduce(flat, [2], true, values => values.Average());
        var rate = ReductionOperators.Reduce(flat, [2], true, values => 1 / Math.Sqrt(Variance(values) + node.Float("epsilon", 1e-5f)));
        var standard = ElementwiseOperators.Combine(ElementwiseOperators.Combine(flat, mean, (a, b) => a - b), rate, (a, b) => a * b);
        return Nd.Of([.. Nd.Places(x.Dims).Select((at, i) => (standard.Floats[i] * node[1].Floats[at[1]]) + node[2].Floats[at[1]])], x.Dims);
    }

    private static double Variance(IReadOnlyList<double> values)
    {
        var mean = values.Average();
        return values.Average(value => (value - mean) * (value - mean));
    }

    private static Nd[] Lrn(RefNode node)
    {
        var (x, size) = (node[0], node.Int("size", 1));
        return [Nd.Of(
            [.. Nd.Places(x.Dims).Select((at, i) =>
            {
                var sum = 0.0;
                for (var channel = Math.Max(0, at[1] - ((size - 1) / 2)); channel <= Math.Min(x.Dims[1] - 1, at[1] + (size / 2)); channel++)
                {
                    var value = x.Floats[x.At([at[0], channel, .. at[2..]])];
                    sum += value * value;
                }

                return x.Floats[i] / Math.Pow(node.Float("bias", 1) + (node.Float("alpha", 1e-4f) / size * sum), node.Float("beta", 0.75f));
            })],
            x.Dims)];
    }
}
