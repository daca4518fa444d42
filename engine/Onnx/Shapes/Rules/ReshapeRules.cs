namespace OnnxTransfer.Onnx;

/// <summary>The same elements in the same order under another shape.</summary>
internal static class ReshapeRules
{
    /// <summary>The rules.</summary>
    public static readonly (string Op, ShapeRule Rule)[] All =
        [("Reshape", Reshape), ("Flatten", Flatten), ("Squeeze", Squeeze), ("Unsqueeze", Unsqueeze)];

    // 0 copies the input's extent (unless allowzero), -1 is what is left over.
    private static TensorFacts[] Reshape(NodeFacts node)
    {
        if (node.Values(1) is not { } wanted)
        {
            return node.Gives(node.Shape(1) is { Rank: 1 } shape && shape[0].Value is >= 0 and <= 16 and var rank
                ? new TensorShape([.. Enumerable.Repeat(Dim.Unknown, (int)rank)])
                : null);
        }

        if (node.Shape(0) is not { } input)
        {
            return node.Gives(new TensorShape([.. wanted.Select(d => d.Value is -1 or 0 ? Dim.Unknown : d)]));
        }

        var copies = node.Int("allowzero", 0) == 0;
        var dims = wanted.Select((d, i) => d.Value == 0 && copies
            ? i < input.Rank ? input[i] : throw node.Impossible($"copies extent {i} of {input}, which has none")
            : d).ToArray();
        var open = Array.FindIndex(dims, d => d.Value == -1);
        var all = Dim.Product(input.Dims);
        if (open >= 0)
        {
            var others = Dim.Product(dims.Where((_, i) => i != open));
            dims[open] = all / others;
            if (all.Value is > 0 ? others.Value > 0 && !dims[open].IsKnown : Indivisible(all, others))
            {
                throw Mismatch(node, input, wanted);
            }
        }
        else if (Dim.Differ(all, Dim.Product(dims)))
        {
            throw Mismatch(node, input, wanted);
        }

        return node.Gives(new TensorShape(dims), node.Values(0));
    }

    // What every image has, 51200 in 51200*N, does not divide into rows of 25088: images would be cut apart.
    private static bool Indivisible(Dim all, Dim others) =>
        all.Symbol is not null && others.Value is > 0 and var row && all.Factor % row != 0;

    private static ImpossibleShapeException Mismatch(NodeFacts node, TensorShape input, IReadOnlyList<Dim> wanted) =>
        node.Impossible($"makes [{string.Join(", ", wanted)}] of {input}, which has another number of values");

    private static TensorFacts[] Flatten(NodeFacts node)
    {
        if (node.Shape(0) is not { } input)
        {
            return node.Unknown();
        }

        var given = node.Int("axis", 1);
        var axis = given == input.Rank ? input.Rank : node.Axis(given, input.Rank);
        return node.Gives(new TensorShape(Dim.Product(input.Dims.Take(axis)), Dim.Product(input.Dims.Skip(axis))));
    }

    private static TensorFacts[] Squeeze(NodeFacts node)
    {
        if (node.Shape(0) is not { } input)
        {
            return node.Unknown();
        }

        var axes = node.IntsOf("axes", 1)?.Select(a => node.Axis(a, input.Rank)).ToList();
        if (axes is null && (node.Has(1) || input.Dims.Any(d => d.Value is null)))
        {
            return node.Unknown();
        }

        var kept = input.Dims.Where((d, i) => axes is null ? d.Value != 1 : !axes.Contains(i)).ToList();
        return axes?.FirstOrDefault(a => input[a].Value is > 1, -1) is >= 0 and var full
            ? throw node.Impossible($"drops axis {full} of {input}, which is not 1")
            : node.Gives(new TensorShape(kept), node.Values(0));
    }

    private static TensorFacts[] Unsqueeze(NodeFacts node)
    {
        if (node.Shape(0) is not { } input || node.IntsOf("axes", 1) is not { } given)
        {
            return node.Unknown();
        }

        var rank = input.Rank + given.Length;
        var axes = given.Select(a => node.Axis(a, rank)).ToHashSet();
        if (axes.Count != given.Length)
        {
            throw node.Impossible("adds the same axis twice");
        }

        var rest = new Queue<Dim>(input.Dims);
        return node.Gives(new TensorShape([.. Enumerable.Range(0, rank).Select(i => axes.Contains(i) ? 1 : rest.Dequeue())]), node.Values(0));
    }
}
