using System.Runtime.CompilerServices;

namespace OnnxTransfer.Heads;

/// <summary>The smaller of X X' and X'X in float64, whole: for spectra, which both triangles are read for.</summary>
internal static unsafe class SquareGram
{
    private const int DepthBlock = 256;

    /// <summary>Numbers from a row to the next: whole panels, whose columns beyond the matrix mean nothing.</summary>
    public static int Stride(int size) => (size + MicroKernel.Width<double>() - 1) / MicroKernel.Width<double>() * MicroKernel.Width<double>();

    /// <summary>X X', N x N, or X'X, D x D.</summary>
    /// <param name="codes">X, N x D.</param>
    /// <param name="byRows">Which of the two.</param>
    /// <param name="threads">Threads; the result does not depend on them.</param>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static AlignedBuffer<double> Of(CodeMatrix codes, bool byRows, int threads)
    {
        var (size, depth) = byRows ? (codes.Rows, codes.Columns) : (codes.Columns, codes.Rows);
        var (stride, width) = (Stride(size), MicroKernel.Width<double>());
        var gram = new AlignedBuffer<double>((long)size * stride);
        using var block = new AlignedBuffer<double>((long)size * DepthBlock);
        using var panels = new AlignedBuffer<double>((long)threads * DepthBlock * width);
        var (y, panel) = ((nint)block.Start, (nint)panels.Start);
        for (var from = 0; from < depth; from += DepthBlock)
        {
            var count = Math.Min(DepthBlock, depth - from);
            Gather(codes, byRows, from, count, (double*)y);
            Workers.For(stride / width, threads, (strip, worker) => AddStrip(
                (double*)y, size, count, strip * width, (double*)panel + ((nint)worker * DepthBlock * width), gram.Start, stride));
        }

        for (var i = 0; i < size; i++)
        {
            for (var j = 0; j < i; j++)
            {
                gram.Start[((nint)j * stride) + i] = gram.Start[((nint)i * stride) + j];
            }
        }

        return gram;
    }

    /// <summary>Some columns of X, or some columns of X', row by row.</summary>
    private static void Gather(CodeMatrix codes, bool byRows, int from, int count, double* y)
    {
        for (var i = 0; i < (byRows ? codes.Rows : count); i++)
        {
            var code = byRows ? codes.Row(i).Slice(from, count) : codes.Row(from + i);
            for (var d = 0; d < code.Length; d++)
            {
                y[byRows ? ((nint)i * DepthBlock) + d : ((nint)d * DepthBlock) + i] = code[d];
            }
        }
    }

    /// <summary>Adds the products of a block to some columns, from the diagonal down.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void AddStrip(double* y, int size, int count, int column, double* panel, double* gram, int stride)
    {
        var width = MicroKernel.Width<double>();
        for (var j = 0; j < width; j++)
        {
            var source = y + ((nint)Math.Min(column + j, size - 1) * DepthBlock);
            for (var d = 0; d < count; d++)
            {
                panel[(d * width) + j] = source[d];
            }
        }

        for (var i = column; i < size; i += MicroKernel.Height)
        {
            MicroKernel.Multiply(
                y + ((nint)i * DepthBlock), DepthBlock, Math.Min(MicroKernel.Height, size - i), panel, count, gram + ((nint)i * stride) + column, stride);
        }
    }
}
