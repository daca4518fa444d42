using OnnxTransfer.Onnx;

namespace OnnxTransfer.Engine;

/// <summary>A pooled tensor in a graph: float32 [N, <paramref name="Width"/>].</summary>
/// <param name="Name">The tensor's name.</param>
/// <param name="Width">Numbers per image.</param>
internal sealed record PooledTensor(string Name, int Width);

/// <summary>
/// Appends poolings to a graph, with operators that mean the same in every operator set from 7 on. A vector [N, D] is its
/// own pooling; tokens [N, T, D] are pooled over T; images [N, C, H, W] over H and W.
/// </summary>
internal static class PoolingGraph
{
    /// <summary>Appends what pools one tensor into one vector per image.</summary>
    /// <param name="graph">Receives the nodes.</param>
    /// <param name="tensor">A float32 tensor whose first dimension is the batch.</param>
    /// <param name="shape">Its shape; the number of channels must be known, and all but the batch for grids and flatten.</param>
    /// <param name="pooling">How.</param>
    /// <param name="output">The wanted name of the result.</param>
    /// <param name="channels">The number of channels, where the shape alone leaves open which axis they are.</param>
    /// <returns>The result's name and width.</returns>
    /// <exception cref="OnnxTransferException">
    /// <see cref="FailureKind.Model"/>: the tensor cannot be pooled so; it is named, with its shape and what can be done.
    /// </exception>
    public static PooledTensor Append(
        GraphBuilder graph, string tensor, TensorShape shape, Pooling pooling, string output, long? channels = null)
    {
        ArgumentNullException.ThrowIfNull(graph);
        var width = Width(tensor, shape, pooling, channels);
        if (pooling == Pooling.Flatten || shape.Rank == 2)
        {
            return new(graph.Add("Flatten", [tensor], output, ("axis", 1L)), width);
        }

        var source = ChannelsFirst(graph, tensor, shape, ChannelAxis(shape, channels));
        var pooled = pooling switch
        {
            Pooling.Average => Global(graph, "GlobalAveragePool", source, output),
            Pooling.Maximum => Global(graph, "GlobalMaxPool", source, output),
            Pooling.AverageAndMaximum => graph.Add(
                "Concat",
                [
                    Global(graph, "GlobalAveragePool", source, output + "/avg"),
                    Global(graph, "GlobalMaxPool", source, output + "/max"),
                ],
                output,
                ("axis", 1L)),
            _ => Grid(graph, source, shape, ChannelAxis(shape, channels), Cells(pooling), output),
        };
        return new(pooled, width);
    }

    /// <summary>Numbers per image of a pooled tensor.</summary>
    /// <inheritdoc cref="Append(GraphBuilder, string, TensorShape, Pooling, string, long?)"/>
    public static int Width(string tensor, TensorShape shape, Pooling pooling, long? channels = null)
    {
        ArgumentNullException.ThrowIfNull(shape);
        if (shape.Rank is < 2 or > 4 || shape[0].Value is not null)
        {
            throw Refused(tensor, shape, "is not a batch of vectors, tokens or images: its first dimension must be the images");
        }

        if (shape[ChannelAxis(shape, channels)].Value is not { } known)
        {
            throw Refused(tensor, shape, "has an unknown number of channels");
        }

        if (shape.Rank == 2)
        {
            return Checked(tensor, shape, known);
        }

        var positionsKnown = shape.Dims.Skip(1).All(dim => dim.Value is not null);
        switch (pooling)
        {
            case Pooling.Average or Pooling.Maximum:
                return Checked(tensor, shape, known);
            case Pooling.AverageAndMaximum:
                return Checked(tensor, shape, 2 * known);
            case Pooling.Flatten when positionsKnown:
                return Checked(tensor, shape, shape.Dims.Skip(1).Aggregate(1L, (product, dim) => checked(product * dim.Value!.Value)));
            case Pooling.Grid2 or Pooling.Grid3 when shape.Rank == 3:
                throw Refused(tensor, shape, $"has no height and width for {pooling.ToText()}; pool it with avg or max");
            case Pooling.Grid2 or Pooling.Grid3 when positionsKnown:
                return Checked(tensor, shape, known * Cells(pooling) * Cells(pooling));
            default:
                throw Refused(tensor, shape, $"has a dynamic size, which {pooling.ToText()} cannot pool; use avg or max");
        }
    }

    /// <summary>
    /// The axis of the channels: 1 for vectors and images, the last for tokens, unless only another one has
    /// <paramref name="channels"/> values.
    /// </summary>
    internal static int ChannelAxis(TensorShape shape, long? channels)
    {
        var usual = shape.Rank == 3 ? 2 : 1;
        return channels is null || shape[usual].Value == channels
            ? usual
            : Enumerable.Range(1, shape.Rank - 1).Where(axis => shape[axis].Value == channels).DefaultIfEmpty(usual).Last();
    }

    /// <summary>Cells along a side of a grid.</summary>
    internal static int Cells(Pooling pooling) => pooling == Pooling.Grid2 ? 2 : 3;

    /// <summary>
    /// The positions of cell <paramref name="cell"/> of <paramref name="cells"/> along an axis: from floor(cell * size /
    /// cells) up to ceil((cell + 1) * size / cells), as adaptive average pooling has them; cells overlap where the size is
    /// no multiple.
    /// </summary>
    internal static (int First, int End) Cell(int size, int cell, int cells) =>
        (cell * size / cells, (((cell + 1) * size) + cells - 1) / cells);

    private static string ChannelsFirst(GraphBuilder graph, string tensor, TensorShape shape, int channelAxis)
    {
        if (channelAxis == 1)
        {
            return tensor;
        }

        long[] order = [0, channelAxis, .. Enumerable.Range(1, shape.Rank - 1).Where(axis => axis != channelAxis).Select(axis => (long)axis)];
        return graph.Add("Transpose", [tensor], tensor + "/channels-first", ("perm", order));
    }

    private static string Global(GraphBuilder graph, string op, string source, string output)
    {
        var pooled = graph.Add(op, [source], output + "/pool");
        return graph.Add("Flatten", [pooled], output, ("axis", 1L));
    }

    // Means over cells are one product with a matrix [positions, cells] that holds 1 / (positions of the cell).
    private static string Grid(GraphBuilder graph, string source, TensorShape shape, int channelAxis, int cells, string output)
    {
        var sides = shape.Dims.Skip(1).Where((_, axis) => axis + 1 != channelAxis).Select(dim => checked((int)dim.Value!.Value)).ToArray();
        var (height, width) = (sides[0], sides[1]);
        var weights = new float[checked(height * width * cells * cells)];
        for (var cell = 0; cell < cells * cells; cell++)
        {
            var (top, bottom) = Cell(height, cell / cells, cells);
            var (left, right) = Cell(width, cell % cells, cells);
            var weight = 1f / ((bottom - top) * (right - left));
            for (var y = top; y < bottom; y++)
            {
                for (var x = left; x < right; x++)
                {
                    weights[(((y * width) + x) * cells * cells) + cell] = weight;
                }
            }
        }

        var rows = graph.Constant(
            output + "/rows", [0L, shape[channelAxis].Value!.Value, (long)height * width], 3);
        var matrix = graph.Constant(output + "/grid", weights, (long)height * width, (long)cells * cells);
        var positions = graph.Add("Reshape", [source, rows], output + "/positions");
        var means = graph.Add("MatMul", [positions, matrix], output + "/means");
        return graph.Add("Flatten", [means], output, ("axis", 1L));
    }

    private static int Checked(string tensor, TensorShape shape, long width) => width is > 0 and <= int.MaxValue / sizeof(float)
        ? (int)width
        : throw Refused(tensor, shape, $"would give codes of {width} numbers");

    private static OnnxTransferException Refused(string tensor, TensorShape shape, string why) =>
        new(FailureKind.Model, $"The tap {tensor} of shape {shape} {why}; `onnxtransfer taps` lists those that work.");
}
