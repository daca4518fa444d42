namespace OnnxTransfer.Onnx;

/// <summary>Where a node leaves the images of a batch, or why it does not treat each image alike and apart.</summary>
/// <param name="Place">The place in the node's outputs.</param>
/// <param name="Refusal">What the node does, as the end of a sentence; null where the place is known.</param>
internal readonly record struct BatchStep(BatchPlace Place, string? Refusal)
{
    /// <summary>The images lie there.</summary>
    public static implicit operator BatchStep(BatchPlace place) => new(place, null);

    /// <summary>The node mixes the images up, or was made for one batch size.</summary>
    public static implicit operator BatchStep(string refusal) => new(default, refusal);
}

/// <summary>
/// Operator by operator, what happens to the place of the images. A place is given only where each image's part of the
/// output depends on that image's part of the inputs alone, whatever the number of images; reshapes are the walk's.
/// </summary>
internal static class BatchRules
{
    private const string Across = "works across the images of a batch";

    /// <summary>The place in the outputs of a node that reads at least one tensor with images.</summary>
    /// <param name="node">The node, with the shapes for the exported batch.</param>
    /// <param name="places">The place in each input; null where it has no images.</param>
    /// <param name="batch">The exported batch.</param>
    public static BatchStep Of(NodeFacts node, IReadOnlyList<BatchPlace?> places, long batch)
    {
        if (places[0] is null && node.Op is not ("MatMul" or "Concat") && !ShapeRules.Broadcasts(node.Op))
        {
            return Across;
        }

        var input = places.First(p => p is not null)!.Value;
        switch (node.Op)
        {
            case "MeanVarianceNormalization" or "GatherElements" or "NonZero" or "Trilu":
                return Across;
            case "BatchNormalization" when NormalizationRules.Trains(node):
                return "is in training mode, where the images of a batch influence each other";
            case "Conv" or "ConvTranspose" or "MaxPool" or "AveragePool" or "LpPool" or "GlobalAveragePool" or "GlobalMaxPool"
                or "GlobalLpPool" or "BatchNormalization" or "InstanceNormalization" or "GroupNormalization" or "LRN"
                or "DepthToSpace" or "SpaceToDepth":
                return input.Axis == 0 && places.Skip(1).All(p => p is null) ? input : Across;
            case "Transpose":
                return Transposed(node, input);
            case "Gemm":
                return input.Axis != 0 || places.Skip(1).Any(p => p is not null) || node.Int("transA", 0) != 0 ? Across
                    : node.Has(2) && (node.Shape(2) is not { } added || Extent(added, added.Rank - 2) is not 1) ? MadeForBatch(batch)
                    : input;
            case "MatMul":
                return Multiplied(node, places, batch);
            case "Flatten" when node.Shape(0) is { } shape:
                return input.Axis == 0 && node.Axis(Math.Min(node.Int("axis", 1), shape.Rank - 1), shape.Rank) > 0
                    ? input
                    : "flattens the batch with the rest";
            case "Squeeze" or "Unsqueeze":
                return Squeezed(node, input);
            case "Concat":
                return places.Any(p => p is not null && p != input) ? "joins tensors that hold the images in different places"
                    : At(node, "axis", 1) == input.Axis ? Across : input;
            case "Expand" or "Tile":
                return Repeated(node, input);
            case "Resize" or "Upsample":
                // That the extent of the images stays is seen by the check after the repair, in the shapes.
                return input.Axis > 1 ? Across : input;
            default:
                return AlongAxes(node, input, places) ?? Elementwise(node, places, batch);
        }
    }

    // Operators that work along axes, which must not be that of the images.
    private static BatchStep? AlongAxes(NodeFacts node, BatchPlace input, IReadOnlyList<BatchPlace?> places)
    {
        if (node.Shape(0) is not { } shape)
        {
            return Across;
        }

        switch (node.Op)
        {
            case "Softmax" or "LogSoftmax" or "Hardmax" when node.Opset < 13:
                return input.Axis < At(node, "axis", 1) ? input : Across;
            case "LayerNormalization":
                return input.Axis < At(node, "axis", -1) ? input : Across;
            case "Softmax" or "LogSoftmax" or "Hardmax" or "TopK" or "LpNormalization":
                return At(node, "axis", -1) != input.Axis ? input : Across;
            case "Split":
                return At(node, "axis", 0) != input.Axis ? input : Across;
            case "CumSum":
                return node.Longs(1) is [var along] && node.Axis(along, shape.Rank) != input.Axis ? input : Across;
            case "Gather":
                var axis = At(node, "axis", 0);
                var added = (node.Shape(1)?.Rank ?? 1) - 1;
                return axis == input.Axis || places.Skip(1).Any(p => p is not null) ? Across : input with { Axis = input.Axis + (axis < input.Axis ? added : 0) };
            case "Slice":
                var axes = node.Opset >= 10 ? (node.Has(3) ? node.Longs(3) : null) : node.Ints("axes");
                return axes is not null && axes.All(a => node.Axis(a, shape.Rank) != input.Axis) ? input : Across;
            case "Pad":
                var pads = node.Opset < 11 ? node.Ints("pads") : node.Longs(1);
                return pads?.Length == 2 * shape.Rank && !node.Has(3) && pads[input.Axis] == 0 && pads[input.Axis + shape.Rank] == 0 ? input : Across;
            case "ArgMax" or "ArgMin":
                return Reduced(node, input, [At(node, "axis", 0)]);
            case var op when op.StartsWith("Reduce", StringComparison.Ordinal):
                return ReductionRules.Axes(node, shape.Rank) is { } reduced ? Reduced(node, input, reduced) : Across;
            default:
                return null;
        }
    }

    private static BatchStep Reduced(NodeFacts node, BatchPlace input, int[] axes) =>
        axes.Contains(input.Axis) ? Across
        : node.Int("keepdims", 1) != 0 ? input
        : input with { Axis = input.Axis - axes.Count(a => a < input.Axis) };

    private static BatchStep Repeated(NodeFacts node, BatchPlace input)
    {
        if (node.Values(1) is not { } counts || node.Shape(0) is not { } shape)
        {
            return "repeats its input a number of times that is not known before it runs";
        }

        var added = counts.Count - shape.Rank;
        return input.Axis + added is >= 0 and var at && counts[at].Value is not 1
            ? "repeats the images of a batch"
            : input with { Axis = input.Axis + Math.Max(0, added) };
    }

    private static BatchStep Transposed(NodeFacts node, BatchPlace input)
    {
        var order = node.Ints("perm") ?? [.. Enumerable.Range(0, node.Shape(0)?.Rank ?? 0).Reverse().Select(i => (long)i)];
        return Array.IndexOf(order, (long)input.Axis) is >= 0 and var axis ? input with { Axis = axis } : Across;
    }

    private static BatchStep Squeezed(NodeFacts node, BatchPlace input)
    {
        if (node.Shape(0) is not { } shape || node.IntsOf("axes", 1) is not { } given)
        {
            return "drops dimensions that it does not name";
        }

        if (node.Op == "Squeeze")
        {
            var dropped = given.Select(a => node.Axis(a, shape.Rank)).ToList();
            return dropped.Contains(input.Axis)
                ? "drops the dimension of the batch"
                : input with { Axis = input.Axis - dropped.Count(a => a < input.Axis) };
        }

        var added = given.Select(a => node.Axis(a, shape.Rank + given.Length)).ToHashSet();
        var kept = Enumerable.Range(0, shape.Rank + given.Length).Where(a => !added.Contains(a)).ElementAt(input.Axis);
        return input with { Axis = kept };
    }

    // Images may be rows on the left, or matrices on both sides; never what is summed over.
    private static BatchStep Multiplied(NodeFacts node, IReadOnlyList<BatchPlace?> places, long batch)
    {
        if (places.Count != 2 || node.Shape(0) is not { Rank: > 1 } a || node.Shape(1) is not { Rank: > 1 } b)
        {
            return Across;
        }

        var rank = Math.Max(a.Rank, b.Rank);
        if (places[0] is { } left && places[1] is null)
        {
            return left.Axis == a.Rank - 1 ? Across
                : left.Axis < a.Rank - 2 && Extent(b, left.Axis + b.Rank - a.Rank) is not 1 ? MadeForBatch(batch)
                : left with { Axis = left.Axis + rank - a.Rank };
        }

        if (places[0] is null && places[1] is { } right)
        {
            return right.Axis >= b.Rank - 2 ? Across
                : Extent(a, right.Axis + a.Rank - b.Rank) is not 1 ? MadeForBatch(batch)
                : right with { Axis = right.Axis + rank - b.Rank };
        }

        var (x, y) = (places[0]!.Value, places[1]!.Value);
        return x.Axis < a.Rank - 2 && y.Axis < b.Rank - 2 && x.Axis + rank - a.Rank == y.Axis + rank - b.Rank && x.Before == y.Before
            ? x with { Axis = x.Axis + rank - a.Rank }
            : Across;
    }

    // Aligned at the end; a tensor without images must not vary along them.
    private static BatchStep Elementwise(NodeFacts node, IReadOnlyList<BatchPlace?> places, long batch)
    {
        var rank = Enumerable.Range(0, places.Count).Max(i => node.Shape(i)?.Rank ?? 0);
        BatchPlace? common = null;
        for (var i = 0; i < places.Count; i++)
        {
            if (places[i] is { } place)
            {
                var aligned = place with { Axis = place.Axis + rank - (node.Shape(i)?.Rank ?? rank) };
                if (common is not null && common != aligned)
                {
                    return "combines tensors that hold the images in different places";
                }

                common = aligned;
            }
        }

        for (var i = 0; i < places.Count && ShapeRules.Broadcasts(node.Op); i++)
        {
            if (places[i] is null && node.Has(i) && node.Shape(i) is { } shape && Extent(shape, common!.Value.Axis + shape.Rank - rank) is not 1)
            {
                return MadeForBatch(batch);
            }
        }

        return common!.Value;
    }

    private static string MadeForBatch(long batch) => $"combines every image with a tensor made for a batch of {batch}";

    private static long? Extent(TensorShape shape, int axis) => axis < 0 ? 1 : shape[axis].Value;

    private static int At(NodeFacts node, string attribute, long otherwise) =>
        node.Axis(node.Int(attribute, otherwise), node.Shape(0)?.Rank ?? node.Shape(1)?.Rank ?? 4);
}
