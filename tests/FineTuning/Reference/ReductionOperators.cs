namespace OnnxTransfer.FineTuning.Tests.Reference;

/// <summary>Reductions over axes.</summary>
internal static class ReductionOperators
{
    public static readonly (string Op, Func<RefNode, Nd[]> Compute)[] All =
    [
        ("ReduceSum", node => [Reduce(node, values => values.Sum())]),
        ("ReduceMean", node => [Reduce(node, values => values.Average())]),
        ("ReduceSumSquare", node => [Reduce(node, values => values.Sum(value => value * value))]),
        ("ReduceMax", node => [Reduce(node, values => values.Max())]),
        ("ReduceProd", node => [Reduce(node, values => values.Aggregate(1.0, (a, b) => a * b))]),
        ("ArgMax", ArgMax),
    ];

    public static Nd Reduce(Nd tensor, int[] axes, bool keep, Func<IReadOnlyList<double>, double> function)
    {
        long[] dims = [.. tensor.Dims.Select((dim, axis) => axes.Contains(axis) ? 1 : dim)];
        long[] along = [.. tensor.Dims.Select((dim, axis) => axes.Contains(axis) ? dim : 1)];
        var within = Nd.Places(along).ToList();
        double[] values = [.. Nd.Places(dims).Select(at =>
            function([.. within.Select(more => tensor.Floats[tensor.At([.. at.Zip(more, (a, b) => a + b)])])]))];
        return Nd.Of(values, keep ? dims : [.. tensor.Dims.Where((_, axis) => !axes.Contains(axis))]);
    }

    private static Nd Reduce(RefNode node, Func<IReadOnlyList<double>, double> function)
    {
        var given = node.Has(1) ? node[1].Longs : node.Ints("axes") ?? [];
        int[] axes = given.Length == 0 && node.Int("noop_with_empty_axes", 0) == 0
            ? [.. Enumerable.Range(0, node[0].Rank)]
            : [.. given.Select(axis => (int)(axis < 0 ? axis + node[0].Rank : axis))];
        return Reduce(node[0], axes, node.Int("keepdims", 1) != 0, function);
    }

    private static Nd[] ArgMax(RefNode node)
    {
        var axis = node.Axis("axis", 0, node[0].Rank);
        var places = Reduce(node[0], [axis], node.Int("keepdims", 1) != 0, values => Enumerable.Range(0, values.Count).MaxBy(i => values[i]));
        return [Nd.Of([.. places.Floats.Select(place => (long)place)], places.Dims)];
    }
}
