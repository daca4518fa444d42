namespace OnnxTransfer.FineTuning.Tests.Reference;

/// <summary>Poolings.</summary>
internal static class PoolingOperators
{
    public static readonly (string Op, Func<RefNode, Nd[]> Compute)[] All =
    [
        ("MaxPool", MaxPool),
        ("AveragePool", AveragePool),
        ("GlobalAveragePool", node => [ReductionOperators.Reduce(node[0], Spatial(node), true, values => values.Average())]),
        ("GlobalMaxPool", node => [ReductionOperators.Reduce(node[0], Spatial(node), true, values => values.Max())]),
    ];

    private static int[] Spatial(RefNode node) => [.. Enumerable.Range(2, node[0].Rank - 2)];

    private static Nd[] MaxPool(RefNode node)
    {
        var x = node[0];
        var window = new RefWindow(node, x.Dims[2..], node.Ints("kernel_shape")!);
        long[] dims = [x.Dims[0], x.Dims[1], .. window.Positions];
        long[] places = [.. Nd.Places(dims).Select(at => window.Elements(at[2..]).Select(pair => x.At([at[0], at[1], .. pair.Place])).MaxBy(p => x.Floats[p]))];
        return [Nd.Of([.. places.Select(place => x.Floats[place])], dims), Nd.Of(places, dims)];
    }

    private static Nd[] AveragePool(RefNode node)
    {
        var x = node[0];
        var window = new RefWindow(node, x.Dims[2..], node.Ints("kernel_shape")!);
        long[] dims = [x.Dims[0], x.Dims[1], .. window.Positions];
        return [Nd.Of(
            [.. Nd.Places(dims).Select(at =>
            {
                var inside = window.Elements(at[2..]).Select(pair => x.Floats[x.At([at[0], at[1], .. pair.Place])]).ToList();
                return inside.Sum() / (node.Int("count_include_pad", 0) != 0 ? window.Padded(at[2..]) : inside.Count);
            })],
            dims)];
    }
}
