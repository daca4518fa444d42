namespace OnnxTransfer.FineTuning.Tests.Reference;

/// <summary>Shapes, and elements moved, joined or repeated.</summary>
internal static class ArrangementOperators
{
    public static readonly (string Op, Func<RefNode, Nd[]> Compute)[] All =
    [
        ("Shape", node => [Nd.Of([.. node[0].Dims], node[0].Rank)]),
        ("Size", node => [Nd.Of([(long)node[0].Count])]),
        ("Reshape", Reshape), ("Flatten", Flatten), ("Squeeze", Squeeze), ("Unsqueeze", Unsqueeze),
        ("Transpose", Transpose), ("Concat", Concat), ("Split", Split), ("Expand", Expand), ("Pad", Pad),
    ];

    private static Nd[] Reshape(RefNode node)
    {
        var x = node[0];
        long[] dims = [.. node[1].Longs.Select((dim, axis) => dim == 0 ? x.Dims[axis] : dim)];
        var open = Array.IndexOf(dims, -1);
        if (open >= 0)
        {
            dims[open] = x.Count / dims.Where((_, axis) => axis != open).Aggregate(1L, (product, dim) => product * dim);
        }

        return [x.Reshaped(dims)];
    }

    private static Nd[] Flatten(RefNode node)
    {
        var rows = node[0].Dims.Take((int)(node.Int("axis", 1) is < 0 and var axis ? axis + node[0].Rank : node.Int("axis", 1)))
            .Aggregate(1L, (product, dim) => product * dim);
        return [node[0].Reshaped(rows, node[0].Count / rows)];
    }

    private static Nd[] Squeeze(RefNode node)
    {
        var axes = node.Has(1) ? node[1].Longs.Select(axis => axis < 0 ? axis + node[0].Rank : axis).ToList() : null;
        return [node[0].Reshaped([.. node[0].Dims.Where((dim, axis) => axes?.Contains(axis) is not true && (axes is not null || dim != 1))])];
    }

    private static Nd[] Unsqueeze(RefNode node)
    {
        var rank = node[0].Rank + node[1].Count;
        var dims = node[0].Dims.ToList();
        foreach (var axis in node[1].Longs.Select(axis => axis < 0 ? axis + rank : axis).Order())
        {
            dims.Insert((int)axis, 1);
        }

        return [node[0].Reshaped([.. dims])];
    }

    private static Nd[] Transpose(RefNode node)
    {
        var x = node[0];
        var order = node.Ints("perm") ?? [.. Enumerable.Range(0, x.Rank).Reverse().Select(axis => (long)axis)];
        return [x.Pick([.. order.Select(axis => x.Dims[axis])], at =>
        {
            var from = new long[x.Rank];
            for (var i = 0; i < order.Length; i++)
            {
                from[order[i]] = at[i];
            }

            return x.At(from);
        })];
    }

    private static Nd[] Concat(RefNode node)
    {
        var axis = node.Axis("axis", 0, node[0].Rank);
        long[] dims = [.. node[0].Dims];
        dims[axis] = node.Inputs.Sum(input => input!.Dims[axis]);
        var (floats, longs) = (new List<double>(), new List<long>());
        foreach (var at in Nd.Places(dims))
        {
            var part = 0;
            for (; at[axis] >= node[part].Dims[axis]; part++)
            {
                at[axis] -= node[part].Dims[axis];
            }

            if (node[part].IsFloating)
            {
                floats.Add(node[part].Floats[node[part].At(at)]);
            }
            else
            {
                longs.Add(node[part].Longs[node[part].At(at)]);
            }
        }

        return [node[0].IsFloating ? Nd.Of([.. floats], dims) : Nd.Of([.. longs], dims)];
    }

    private static Nd[] Split(RefNode node)
    {
        var x = node[0];
        var axis = node.Axis("axis", 0, x.Rank);
        var parts = node.Proto.Output.Count;
        var each = (x.Dims[axis] + parts - 1) / parts;
        var sizes = node.Has(1) ? node[1].Longs : [.. Enumerable.Range(0, parts).Select(i => Math.Min(each, x.Dims[axis] - (i * each)))];
        return [.. sizes.Select((size, part) =>
        {
            var start = sizes.Take(part).Sum();
            return x.Pick([.. x.Dims.Select((dim, i) => i == axis ? size : dim)], at => x.At([.. at.Select((a, i) => i == axis ? a + start : a)]));
        })];
    }

    private static Nd[] Expand(RefNode node)
    {
        var wanted = node[1].Longs;
        var dims = Nd.Common(node[0], Nd.Of(new double[wanted.Aggregate(1L, (product, dim) => product * dim)], wanted));
        return [node[0].Pick(dims, node[0].Broadcast)];
    }

    // Constant padding; negative pads take away.
    private static Nd[] Pad(RefNode node)
    {
        var (x, given) = (node[0], node[1].Longs);
        long[] axes = node.Has(3) ? [.. node[3].Longs.Select(axis => axis < 0 ? axis + x.Rank : axis)] : [.. Enumerable.Range(0, x.Rank)];
        long[] before = new long[x.Rank], after = new long[x.Rank];
        for (var i = 0; i < axes.Length; i++)
        {
            (before[axes[i]], after[axes[i]]) = (given[i], given[i + axes.Length]);
        }

        var value = node.Has(2) ? node[2].Floats[0] : 0;
        return [x.Pick([.. x.Dims.Select((dim, i) => dim + before[i] + after[i])], at =>
        {
            long[] from = [.. at.Select((a, i) => a - before[i])];
            return from.Zip(x.Dims).All(pair => pair.First >= 0 && pair.First < pair.Second) ? x.At(from) : -1;
        }, value)];
    }
}
