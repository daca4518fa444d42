namespace OnnxTransfer.Onnx;

/// <summary>Elements moved to other places, joined or repeated.</summary>
internal static class ArrangementRules
{
    /// <summary>The rules.</summary>
    public static readonly (string Op, ShapeRule Rule)[] All =
    [
        ("Transpose", Transpose), ("Concat", Concat), ("Pad", Pad), ("Tile", Tile), ("Expand", Expand),
        ("DepthToSpace", DepthToSpace), ("SpaceToDepth", SpaceToDepth),
    ];

    private static TensorFacts[] Transpose(NodeFacts node)
    {
        if (node.Shape(0) is not { } input)
        {
            return node.Unknown();
        }

        var order = node.Ints("perm") ?? [.. Enumerable.Range(0, input.Rank).Reverse().Select(i => (long)i)];
        return order.Length == input.Rank
            ? node.Gives(new TensorShape([.. order.Select(axis => input[node.Axis(axis, input.Rank)])]))
            : throw node.Impossible($"permutes {order.Length} axes of {input}");
    }

    private static TensorFacts[] Concat(NodeFacts node)
    {
        var parts = Enumerable.Range(0, node.Inputs).Select(node.Shape).ToList();
        if (parts.Count == 0 || parts.Any(p => p is null))
        {
            return node.Unknown();
        }

        var first = parts[0]!;
        var axis = node.Axis(node.Int("axis", 1), first.Rank);
        var dims = first.Dims.ToArray();
        foreach (var part in parts.Skip(1))
        {
            if (part!.Rank != first.Rank || dims.Where((d, i) => i != axis && Dim.Differ(d, part[i])).Any())
            {
                throw node.Impossible($"cannot join {string.Join(" and ", parts)}");
            }

            for (var i = 0; i < dims.Length; i++)
            {
                dims[i] = i == axis ? dims[i] + part[i] : dims[i].Value is null && part[i].IsKnown ? part[i] : dims[i];
            }
        }

        var values = Enumerable.Range(0, node.Inputs).Select(node.Values).ToList();
        var joined = first.Rank == 1 && values.All(v => v is not null) ? values.SelectMany(v => v!).ToList() : null;
        return node.Gives(new TensorShape(dims), joined);
    }

    private static TensorFacts[] Pad(NodeFacts node)
    {
        if (node.Shape(0) is not { } input)
        {
            return node.Unknown();
        }

        var pads = node.Opset < 11 ? node.Ints("pads") : node.Longs(1);
        var axes = node.Has(3) ? node.Longs(3)?.Select(a => node.Axis(a, input.Rank)).ToList() : [.. Enumerable.Range(0, input.Rank)];
        if (pads is null || axes is null || pads.Length != 2 * axes.Count)
        {
            return node.Gives(new TensorShape([.. Enumerable.Repeat(Dim.Unknown, input.Rank)]));
        }

        var dims = input.Dims.ToArray();
        for (var i = 0; i < axes.Count; i++)
        {
            dims[axes[i]] += Dim.Of(pads[i]) + pads[i + axes.Count];
        }

        return node.Gives(new TensorShape(dims));
    }

    private static TensorFacts[] Tile(NodeFacts node) =>
        node.Shape(0) is { } input && node.Values(1) is { } repeats && repeats.Count == input.Rank
            ? node.Gives(new TensorShape([.. input.Dims.Zip(repeats, Dim.Multiply)]))
            : node.Unknown();

    private static TensorFacts[] Expand(NodeFacts node)
    {
        if (node.Shape(0) is not { } input || node.Values(1) is not { } wanted)
        {
            return node.Unknown();
        }

        var shape = Broadcasting.Of(node, input, new TensorShape(wanted));
        var repeated = node.Values(0) is [var value] && shape.Count is >= 0 and <= TensorFacts.MostValues and var count
            ? Enumerable.Repeat(value, (int)count).ToList()
            : null;
        return node.Gives(shape, repeated);
    }

    private static TensorFacts[] DepthToSpace(NodeFacts node)
    {
        var block = Dim.Of(node.Int("blocksize", 1));
        return node.Shape(0) is { Rank: 4 } input
            ? node.Gives(new TensorShape(input[0], input[1] / (block * block), input[2] * block, input[3] * block))
            : node.Unknown();
    }

    private static TensorFacts[] SpaceToDepth(NodeFacts node)
    {
        var block = Dim.Of(node.Int("blocksize", 1));
        return node.Shape(0) is { Rank: 4 } input
            ? node.Gives(new TensorShape(input[0], input[1] * (block * block), input[2] / block, input[3] / block))
            : node.Unknown();
    }
}
