namespace OnnxTransfer.Onnx;

/// <summary>Convolutions: [N, C, H, W] and weights [M, C / groups, h, w] give [N, M, H', W'].</summary>
internal static class ConvolutionRules
{
    /// <summary>The rules.</summary>
    public static readonly (string Op, ShapeRule Rule)[] All = [("Conv", Convolution), ("ConvTranspose", Transposed)];

    private static TensorFacts[] Convolution(NodeFacts node)
    {
        if (node.Shape(0) is not { Rank: > 2 } input || node.Shape(1) is not { } weights)
        {
            return node.Unknown();
        }

        CheckRank(node, input, weights);
        CheckChannels(node, input, weights[1] * node.Int("group", 1));
        var kernel = weights.Dims.Skip(2).ToList();
        return node.Gives(new TensorShape([input[0], weights[0], .. Windows.Positions(node, input, kernel)]));
    }

    // Positions: stride (size - 1) + output_padding + dilation (kernel - 1) + 1 - pads, or output_shape.
    private static TensorFacts[] Transposed(NodeFacts node)
    {
        if (node.Shape(0) is not { Rank: > 2 } input || node.Shape(1) is not { } weights)
        {
            return node.Unknown();
        }

        CheckRank(node, input, weights);
        CheckChannels(node, input, weights[0]);
        var axes = input.Rank - 2;
        var strides = node.Ints("strides") ?? Enumerable.Repeat(1L, axes).ToArray();
        var dilations = node.Ints("dilations") ?? Enumerable.Repeat(1L, axes).ToArray();
        var pads = node.Ints("pads") ?? new long[2 * axes];
        var extra = node.Ints("output_padding") ?? new long[axes];
        var given = node.Ints("output_shape");
        if (new[] { strides.Length, dilations.Length, pads.Length / 2, extra.Length, given?.Length ?? axes }.Any(length => length != axes)
            || strides.Concat(dilations).Any(step => step < 1))
        {
            throw node.Impossible($"has strides, dilations or pads that do not fit the map {input}");
        }

        var same = node.Text("auto_pad", "NOTSET").StartsWith("SAME", StringComparison.Ordinal);
        var sides = Enumerable.Range(0, axes).Select(i =>
            given is not null ? given[i]
            : same ? input[i + 2] * strides[i]
            : (input[i + 2] * strides[i]) + (weights[i + 2] * dilations[i]) + (Dim.Of(1) - strides[i] - dilations[i] + extra[i] - pads[i] - pads[i + axes]));
        return node.Gives(new TensorShape([input[0], weights[1] * node.Int("group", 1), .. sides]));
    }

    private static void CheckRank(NodeFacts node, TensorShape input, TensorShape weights)
    {
        if (weights.Rank != input.Rank)
        {
            throw node.Impossible($"has weights of the shape {weights} for the map {input}");
        }
    }

    private static void CheckChannels(NodeFacts node, TensorShape input, Dim taken)
    {
        if (Dim.Differ(input[1], taken))
        {
            throw node.Impossible($"takes {taken} channels and gets {input}");
        }
    }
}
