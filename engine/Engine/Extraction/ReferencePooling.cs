using OnnxTransfer.Onnx;

namespace OnnxTransfer.Engine;

/// <summary>
/// Poolings by their definitions in double arithmetic, on the activations themselves: the oracle for what
/// <see cref="PoolingGraph"/> appends to a graph, and independent of it.
/// </summary>
internal static class ReferencePooling
{
    /// <summary>Pools a batch.</summary>
    /// <param name="values">The activations, row-major.</param>
    /// <param name="dims">Their shape: N, then channels and positions.</param>
    /// <param name="tap">What was tapped and how it is pooled.</param>
    /// <returns>N x D codes, one image after the other.</returns>
    public static double[] Pool(float[] values, long[] dims, Tap tap)
    {
        var sizes = dims.Select(dim => checked((int)dim)).ToArray();
        if (tap.Pooling == Pooling.Flatten || sizes.Length == 2)
        {
            return [.. values.Select(value => (double)value)];
        }

        var axis = PoolingGraph.ChannelAxis(TensorShape.Of(dims), tap.Point.Channels);
        var channels = sizes[axis];
        var inner = sizes.Skip(axis + 1).Aggregate(1, (product, size) => product * size);
        var outer = sizes.Take(axis).Skip(1).Aggregate(1, (product, size) => product * size);
        var codes = new List<double>();
        for (var image = 0; image < sizes[0]; image++)
        {
            // The positions of each channel in row-major order, wherever the channel axis stands.
            var planes = Enumerable.Range(0, channels).Select(channel => Enumerable.Range(0, outer * inner)
                .Select(p => (double)values[(((((image * outer) + (p / inner)) * channels) + channel) * inner) + (p % inner)])
                .ToArray()).ToArray();
            var positions = sizes.Skip(1).Where((_, i) => i + 1 != axis).ToArray();
            codes.AddRange(tap.Pooling switch
            {
                Pooling.Average => planes.Select(plane => plane.Average()),
                Pooling.Maximum => planes.Select(plane => plane.Max()),
                Pooling.AverageAndMaximum => [.. planes.Select(plane => plane.Average()), .. planes.Select(plane => plane.Max())],
                Pooling.Grid2 => planes.SelectMany(plane => Grid(plane, positions[0], positions[1], 2)),
                Pooling.Grid3 => planes.SelectMany(plane => Grid(plane, positions[0], positions[1], 3)),
                _ => throw new ArgumentOutOfRangeException(nameof(tap), tap.Pooling, "There is no such pooling."),
            });
        }

        return [.. codes];
    }

    // Adaptive average pooling: cell k of n spans floor(k * size / n) up to, not including, ceil((k + 1) * size / n).
    private static IEnumerable<double> Grid(double[] plane, int height, int width, int cells)
    {
        for (var row = 0; row < cells; row++)
        {
            for (var column = 0; column < cells; column++)
            {
                var (top, bottom) = ((int)Math.Floor((double)row * height / cells), (int)Math.Ceiling((row + 1.0) * height / cells));
                var (left, right) = ((int)Math.Floor((double)column * width / cells), (int)Math.Ceiling((column + 1.0) * width / cells));
                yield return Enumerable.Range(top, bottom - top)
                    .SelectMany(y => Enumerable.Range(left, right - left).Select(x => plane[(y * width) + x])).Average();
            }
        }
    }
}
