namespace OnnxTransfer.Heads;

/// <summary>The products of all pairs of rows, G = YY'.</summary>
internal static unsafe class Gram
{
    /// <summary>
    /// ||G||^2, the sum of the squares of its numbers, without keeping them: panels of columns from the diagonal down, each
    /// made of the micro-kernel, and their sums added in their order.
    /// </summary>
    /// <param name="y">size x depth numbers, row by row.</param>
    /// <param name="size">The rows.</param>
    /// <param name="depth">The length of a row.</param>
    /// <param name="threads">Threads; the result does not depend on them.</param>
    public static double SquaredNorm(AlignedBuffer<double> y, int size, int depth, int threads)
    {
        var width = MicroKernel.Width<double>();
        var sums = new double[(size + width - 1) / width];
        Workers.For(sums.Length, threads, (panel, _) => sums[panel] = SquaredPanel(y.Start, size, depth, panel * width, width));
        return sums.Sum();
    }

    private static double SquaredPanel(double* y, int size, int depth, int column, int width)
    {
        using var panel = new AlignedBuffer<double>((long)width * depth);
        using var products = new AlignedBuffer<double>((long)width * MicroKernel.Height);
        var count = Math.Min(width, size - column);
        for (var j = 0; j < count; j++)
        {
            var row = y + ((long)(column + j) * depth);
            for (nint d = 0; d < depth; d++)
            {
                panel.Start[(d * width) + j] = row[d];
            }
        }

        var sum = 0.0;
        for (var first = column; first < size; first += MicroKernel.Height)
        {
            var rows = Math.Min(MicroKernel.Height, size - first);
            new Span<double>(products.Start, width * rows).Clear();
            MicroKernel.Multiply(y + ((long)first * depth), depth, rows, panel.Start, depth, products.Start, width);
            for (var i = first; i < first + rows; i++)
            {
                for (var j = column; j < Math.Min(column + count, i + 1); j++)
                {
                    var product = products.Start[((i - first) * width) + j - column];
                    sum += (i == j ? 1 : 2) * product * product;
                }
            }
        }

        return sum;
    }
}
