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
        var elements = window.Elements();
        long[] places = [.. Maps(x).SelectMany(start => elements.Select(pairs => pairs.Select(pair => start + pair.Place).MaxBy(place => x.Floats[place])))];
        return [Nd.Of([.. places.Select(place => x.Floats[place])], dims), Nd.Of(places, dims)];
    }

    private static Nd[] AveragePool(RefNode node)
    {
        var x = node[0];
        var window = new RefWindow(node, x.Dims[2..], node.Ints("kernel_shape")!);
        long[] dims = [x.Dims[0], x.Dims[1], .. window.Positions];
        var elements = window.Elements();
        int[] counts = node.Int("count_include_pad", 0) != 0
            ? [.. Nd.Places(window.Positions).Select(window.Padded)]
            : [.. elements.Select(pairs => pairs.Length)];
        return [Nd.Of([.. Maps(x).SelectMany(start => elements.Zip(counts, (pairs, count) => pairs.Sum(pair => x.Floats[start + pair.Place]) / count))], dims)];
    }

    // Where each map begins.
    private static IEnumerable<long> Maps(Nd x)
    {
        var map = x.Dims[2..].Aggregate(1L, (product, dim) => product * dim);
        for (var start = 0L; start < x.Count; start += map)
        {
            yield return start;
        }
    }
}
