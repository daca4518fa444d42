namespace OnnxTransfer.FineTuning.Tests.Reference;

/// <summary>Parts of a tensor, and elements put at places.</summary>
internal static class SelectionOperators
{
    public static readonly (string Op, Func<RefNode, Nd[]> Compute)[] All =
        [("Slice", Slice), ("Gather", Gather), ("ScatterElements", ScatterElements), ("ScatterND", ScatterNd)];

    private static Nd[] Slice(RefNode node)
    {
        var x = node[0];
        var (starts, ends) = (node[1].Longs, node[2].Longs);
        var axes = node.Has(3) ? node[3].Longs : [.. Enumerable.Range(0, starts.Length).Select(axis => (long)axis)];
        var (dims, first, step) = (x.Dims.ToArray(), new long[x.Rank], new long[x.Rank]);
        Array.Fill(step, 1);
        for (var i = 0; i < axes.Length; i++)
        {
            var axis = axes[i] < 0 ? axes[i] + x.Rank : axes[i];
            var (size, pace) = (x.Dims[axis], node.Has(4) ? node[4].Longs[i] : 1);
            var start = Math.Clamp(starts[i] < 0 ? starts[i] + size : starts[i], 0, pace > 0 ? size : size - 1);
            var end = Math.Clamp(ends[i] < 0 ? Math.Max(ends[i], -size - 1) + size : ends[i], pace > 0 ? 0 : -1, size);
            dims[axis] = Math.Max(0, pace > 0 ? (end - start + pace - 1) / pace : (start - end - pace - 1) / -pace);
            (first[axis], step[axis]) = (start, pace);
        }

        return [x.Pick(dims, at => x.At([.. at.Select((a, i) => first[i] + (a * step[i]))]))];
    }

    private static Nd[] Gather(RefNode node)
    {
        var (x, places) = (node[0], node[1]);
        var axis = node.Axis("axis", 0, x.Rank);
        return [x.Pick([.. x.Dims[..axis], .. places.Dims, .. x.Dims[(axis + 1)..]], at =>
        {
            var place = places.Longs[places.At(at.AsSpan(axis, places.Rank))];
            return x.At([.. at[..axis], place < 0 ? place + x.Dims[axis] : place, .. at[(axis + places.Rank)..]]);
        })];
    }

    private static Nd[] ScatterElements(RefNode node)
    {
        var (x, places, updates) = (node[0], node[1], node[2]);
        var axis = node.Axis("axis", 0, x.Rank);
        var result = x.Floats.ToArray();
        foreach (var at in Nd.Places(places.Dims))
        {
            var (place, update) = (places.Longs[places.At(at)], updates.Floats[updates.At(at)]);
            at[axis] = place < 0 ? place + x.Dims[axis] : place;
            result[x.At(at)] = update + (node.Text("reduction", "none") == "add" ? result[x.At(at)] : 0);
        }

        return [Nd.Of(result, x.Dims)];
    }

    private static Nd[] ScatterNd(RefNode node)
    {
        var (x, places, updates) = (node[0], node[1], node[2]);
        var depth = (int)places.Dims[^1];
        var result = x.Floats.ToArray();
        foreach (var at in Nd.Places(updates.Dims))
        {
            var front = at[..(places.Rank - 1)];
            long[] index = [.. Enumerable.Range(0, depth).Select(i => places.Longs[places.At([.. front, i])]).Select((p, i) => p < 0 ? p + x.Dims[i] : p)];
            var place = x.At([.. index, .. at[(places.Rank - 1)..]]);
            result[place] = updates.Floats[updates.At(at)] + (node.Text("reduction", "none") == "add" ? result[place] : 0);
        }

        return [Nd.Of(result, x.Dims)];
    }
}
