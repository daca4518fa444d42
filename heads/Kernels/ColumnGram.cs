using System.Runtime.CompilerServices;

namespace OnnxTransfer.Heads;

/// <summary>X~'diag(w) X~ of the codes with a column for the intercept: products in float32, sums in float64.</summary>
internal static unsafe class ColumnGram
{
    private const int BlockRows = 384;

    /// <summary>The lower triangle, (D + 1) x (D + 1), of codes whose last column is <paramref name="column"/>.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static double[] Of(RowSlabs slabs, Func<int, double> weight, double column, int threads)
    {
        var (depth, width) = (slabs.Codes.Columns, MicroKernel.Width<float>());
        var size = depth + 1;
        var strips = (size + width - 1) / width;
        var sums = new double[(long)size * size];
        var rows = slabs.AllRows().ToArray();
        using var transposed = new AlignedBuffer<float>((long)strips * width * BlockRows);
        using var blocks = new AlignedBuffer<float>((long)threads * MicroKernel.Height * width);
        using var panels = new AlignedBuffer<float>((long)threads * BlockRows * width);
        float[][] rooms = [.. Enumerable.Range(0, threads).Select(_ => slabs.Codes.Room())];
        var (columns, block, panel) = ((nint)transposed.Start, (nint)blocks.Start, (nint)panels.Start);
        for (var from = 0; from < rows.Length; from += BlockRows)
        {
            var count = Math.Min(BlockRows, rows.Length - from);
            var start = from;
            Workers.For(count, threads, (i, worker) =>
            {
                var row = rows[start + i];
                var code = slabs.Codes.Row(row, rooms[worker]);
                var root = (float)Math.Sqrt(weight(row));
                var target = (float*)columns + i;
                for (var d = 0; d < code.Length; d++)
                {
                    target[(nint)d * BlockRows] = root * code[d];
                }

                target[(nint)depth * BlockRows] = root * (float)column;
            });
            Workers.For(strips, threads, (strip, worker) => AddStrip(
                (float*)columns, count, strip * width, size, (float*)panel + ((nint)worker * BlockRows * width),
                (float*)block + ((nint)worker * MicroKernel.Height * width), sums));
        }

        return sums;
    }

    /// <summary>Adds a block of rows to some columns of the lower triangle.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void AddStrip(float* columns, int count, int column, int size, float* panel, float* block, double[] sums)
    {
        var width = MicroKernel.Width<float>();
        for (var j = 0; j < width; j++)
        {
            var source = columns + ((nint)(column + j) * BlockRows);
            for (var i = 0; i < count; i++)
            {
                panel[(i * width) + j] = source[i];
            }
        }

        for (var i = column; i < size; i += MicroKernel.Height)
        {
            var rows = Math.Min(MicroKernel.Height, size - i);
            new Span<float>(block, rows * width).Clear();
            MicroKernel.Multiply(columns + ((nint)i * BlockRows), BlockRows, rows, panel, count, block, width);
            for (var r = 0; r < rows; r++)
            {
                VectorArithmetic.AddWidened(
                    new ReadOnlySpan<float>(block + (r * width), Math.Min(width, size - column)), sums.AsSpan(((i + r) * size) + column));
            }
        }
    }
}
