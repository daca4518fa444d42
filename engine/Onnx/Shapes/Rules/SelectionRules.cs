namespace OnnxTransfer.Onnx;

/// <summary>Parts of a tensor.</summary>
internal static class SelectionRules
{
    /// <summary>The rules.</summary>
    public static readonly (string Op, ShapeRule Rule)[] All =
        [("Slice", Slice), ("Gather", Gather), ("GatherElements", GatherElements), ("Split", Split)];

    private static TensorFacts[] Slice(NodeFacts node)
    {
        var inputs = node.Opset >= 10;
        if (node.Shape(0) is not { } input)
        {
            return node.Unknown();
        }

        var starts = inputs ? node.Longs(1) : node.Ints("starts");
        var ends = inputs ? node.Longs(2) : node.Ints("ends");
        var axes = node.Has(3) ? node.Longs(3) : node.Ints("axes") ?? [.. Enumerable.Range(0, starts?.Length ?? 0).Select(i => (long)i)];
        var steps = node.Has(4) ? node.Longs(4) : [.. Enumerable.Repeat(1L, starts?.Length ?? 0)];
        var dims = input.Dims.ToArray();
        if (starts is null || ends is null || axes is null || steps is null
            || ends.Length != starts.Length || axes.Length != starts.Length || steps.Length != starts.Length || steps.Contains(0))
        {
            // Known axes keep the others as they are.
            var cut = node.Has(3) && axes is not null ? axes.Select(a => node.Axis(a, input.Rank)).ToHashSet() : [.. Enumerable.Range(0, input.Rank)];
            return node.Gives(new TensorShape([.. dims.Select((d, i) => cut.Contains(i) ? Dim.Unknown : d)]));
        }

        for (var i = 0; i < starts.Length; i++)
        {
            var axis = node.Axis(axes[i], input.Rank);
            dims[axis] = Length(input[axis], starts[i], ends[i], steps[i]);
        }

        var values = node.Values(0) is { } all && input.Rank == 1 && starts.Length == 1 ? Taken(all, starts[0], ends[0], steps[0]) : null;
        return node.Gives(new TensorShape(dims), values);
    }

    private static Dim Length(Dim dim, long start, long end, long step)
    {
        if (dim.Value is { } size)
        {
            var (first, last) = Bounds(size, start, end, step);
            return (long)Steps.Count(first, last, step);
        }

        // Everything of a symbolic extent, or its first element.
        return start == 0 && step == 1 && end >= int.MaxValue ? dim
            : (start, end, step) is (0, 1, 1) && dim.Symbol is not null ? 1
            : Dim.Unknown;
    }

    private static List<Dim> Taken(IReadOnlyList<Dim> all, long start, long end, long step)
    {
        var (first, last) = Bounds(all.Count, start, end, step);
        return [.. Enumerable.Range(0, (int)Steps.Count(first, last, step)).Select(i => all[(int)(first + (i * step))])];
    }

    // Negative bounds count from the end; what lies outside is cut off.
    private static (long First, long Last) Bounds(long size, long start, long end, long step)
    {
        var (low, high) = step > 0 ? (0L, size) : (-1L, size - 1);
        return (Math.Clamp(start < 0 ? start + size : start, Math.Max(low, 0), Math.Max(high, 0)),
            Math.Clamp(end < 0 ? Math.Max(end, -size - 1) + size : end, low, Math.Max(high, low)));
    }

    private static TensorFacts[] Gather(NodeFacts node)
    {
        if (node.Shape(0) is not { } data || node.Shape(1) is not { } indices)
        {
            return node.Unknown();
        }

        var axis = node.Axis(node.Int("axis", 0), data.Rank);
        var shape = new TensorShape([.. data.Dims.Take(axis), .. indices.Dims, .. data.Dims.Skip(axis + 1)]);
        IReadOnlyList<Dim>? values = null;
        if (node.Values(0) is { } all && data.Rank == 1 && node.Longs(1) is { } places)
        {
            values = [.. places.Select(p => all[node.Axis(p, all.Count)])];
        }

        return node.Gives(shape, values);
    }

    private static TensorFacts[] GatherElements(NodeFacts node) => node.Gives(node.Shape(1));

    private static TensorFacts[] Split(NodeFacts node)
    {
        if (node.Shape(0) is not { } input)
        {
            return [.. Enumerable.Repeat(new TensorFacts(node.Type(0), null), node.Outputs)];
        }

        var axis = node.Axis(node.Int("axis", 0), input.Rank);
        var sizes = node.IntsOf("split", 1)?.Select(Dim.Of).ToList() ?? (node.Has(1) ? null : Even(input[axis], node.Outputs));
        return [.. Enumerable.Range(0, node.Outputs).Select(part => new TensorFacts(
            node.Type(0),
            new TensorShape([.. input.Dims.Select((d, i) => i != axis ? d : sizes is not null && part < sizes.Count ? sizes[part] : Dim.Unknown)])))];
    }

    // Equal parts; where they do not come out even the last is shorter.
    private static List<Dim> Even(Dim dim, int parts)
    {
        if (dim.Value is not { } size)
        {
            return [.. Enumerable.Repeat(dim / parts, parts)];
        }

        var each = (size / parts) + (size % parts > 0 ? 1 : 0);
        return [.. Enumerable.Range(0, parts).Select(i => Dim.Of(Math.Clamp(size - (i * each), 0, each)))];
    }
}
