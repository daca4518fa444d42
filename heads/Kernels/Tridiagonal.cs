using System.Runtime.CompilerServices;

namespace OnnxTransfer.Heads;

/// <summary>
/// A symmetric matrix A = Q T Q' with T tridiagonal and Q a product of reflections (Householder, 1958), made in panels of columns
/// whose changes reach the rest as one product (Dongarra, Sorensen and Hammarling, 1989).
/// </summary>
/// <remarks>Half of the work is products of the matrix with a vector, which read it once for every column: that bounds the time.</remarks>
internal sealed unsafe class Tridiagonal
{
    private const int PanelColumns = 32;
    private const int RowsPerPiece = 64;

    // Below this size a product with a vector takes less time than waking a thread.
    private const int LeastShared = 512;

    private readonly double* matrix;
    private readonly int size;
    private readonly int stride;
    private readonly int threads;
    private readonly double[] factors;

    private Tridiagonal(AlignedBuffer<double> matrix, int size, int threads)
    {
        this.matrix = matrix.Start;
        (this.size, stride, this.threads) = (size, SquareGram.Stride(size), threads);
        (Diagonal, Beside, factors) = (new double[size], new double[size], new double[size]);
    }

    /// <summary>The diagonal of T.</summary>
    public double[] Diagonal { get; }

    /// <summary>The numbers of T beside it; the last of as many means nothing.</summary>
    public double[] Beside { get; }

    /// <summary>Reduces a matrix that is laid out as <see cref="SquareGram"/>'s; it is overwritten with the reflections and must outlive them.</summary>
    public static Tridiagonal Of(AlignedBuffer<double> matrix, int size, int threads, CancellationToken cancellation)
    {
        var result = new Tridiagonal(matrix, size, threads);
        var (v, w) = (new double[PanelColumns][], new double[PanelColumns][]);
        using var both = new AlignedBuffer<double>((long)size * 2 * PanelColumns);
        using var panels = new AlignedBuffer<double>((long)threads * 2 * PanelColumns * MicroKernel.Width<double>());
        for (var first = 0; first < size; first += PanelColumns)
        {
            cancellation.ThrowIfCancellationRequested();
            var end = Math.Min(size, first + PanelColumns);
            for (var column = first; column < end; column++)
            {
                (v[column - first], w[column - first]) = result.Reduce(column, v.AsSpan(0, column - first), w.AsSpan(0, column - first));
            }

            result.Update(end, v, w, both.Start, panels.Start);
        }

        return result;
    }

    /// <summary>Replaces each of some vectors of the matrix's size, one after the other, by Q'x.</summary>
    public void Project(double[] vectors)
    {
        Workers.For(vectors.Length / size, threads, (k, _) =>
        {
            var x = vectors.AsSpan(k * size, size);
            for (var column = 0; column < size - 1; column++)
            {
                var v = Row(column)[(column + 1)..];
                VectorArithmetic.AddScaled(-factors[column] * VectorArithmetic.Dot(v, x[(column + 1)..]), v, x[(column + 1)..]);
            }
        });
    }

    private Span<double> Row(int row) => new(matrix + ((nint)row * stride), size);

    /// <summary>
    /// Brings a row up to date with the panel's columns before it, reflects what is beside the diagonal onto one number, and
    /// returns v and w, with which A - v w' - w v' is the matrix reflected on both sides.
    /// </summary>
    private (double[] V, double[] W) Reduce(int column, ReadOnlySpan<double[]> v, ReadOnlySpan<double[]> w)
    {
        var row = Row(column)[column..];
        for (var q = 0; q < v.Length; q++)
        {
            VectorArithmetic.AddScaled(-v[q][column], w[q].AsSpan(column), row);
            VectorArithmetic.AddScaled(-w[q][column], v[q].AsSpan(column), row);
        }

        var (reflection, change) = (new double[size], new double[size]);
        Diagonal[column] = row[0];
        if (column == size - 1)
        {
            return (reflection, change);
        }

        var x = row[1..];
        var others = VectorArithmetic.Dot(x[1..], x[1..]);
        Beside[column] = others == 0 ? x[0] : -Math.CopySign(Math.Sqrt((x[0] * x[0]) + others), x[0]);
        if (others > 0)
        {
            factors[column] = (Beside[column] - x[0]) / Beside[column];
            var scale = 1 / (x[0] - Beside[column]);
            foreach (ref var value in x)
            {
                value *= scale;
            }
        }

        x[0] = 1;
        x.CopyTo(reflection.AsSpan(column + 1));
        Multiply(column + 1, reflection, change);
        var r = reflection.AsSpan(column + 1);
        var c = change.AsSpan(column + 1);
        for (var q = 0; q < v.Length; q++)
        {
            var vq = v[q].AsSpan(column + 1);
            var wq = w[q].AsSpan(column + 1);
            var (alongW, alongV) = (VectorArithmetic.Dot(wq, r), VectorArithmetic.Dot(vq, r));
            VectorArithmetic.AddScaled(-alongW, vq, c);
            VectorArithmetic.AddScaled(-alongV, wq, c);
        }

        foreach (ref var value in c)
        {
            value *= factors[column];
        }

        VectorArithmetic.AddScaled(-0.5 * factors[column] * VectorArithmetic.Dot(c, r), r, c);
        return (reflection, change);
    }

    /// <summary>The rows and columns from <paramref name="first"/> on of the matrix, as the last panel left it, times x.</summary>
    private void Multiply(int first, double[] x, double[] result)
    {
        var rows = size - first;
        Workers.For((rows + RowsPerPiece - 1) / RowsPerPiece, rows < LeastShared ? 1 : threads, (piece, _) =>
        {
            var from = first + (piece * RowsPerPiece);
            for (var i = from; i < Math.Min(from + RowsPerPiece, size); i++)
            {
                result[i] = VectorArithmetic.Dot(Row(i)[first..], x.AsSpan(first));
            }
        });
    }

    /// <summary>Takes v w' + w v' of a whole panel off the rows and columns from <paramref name="first"/> on.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void Update(int first, double[][] v, double[][] w, double* both, double* panels)
    {
        const int Depth = 2 * PanelColumns;
        var width = MicroKernel.Width<double>();
        for (var i = first; i < size; i++)
        {
            for (var q = 0; q < PanelColumns; q++)
            {
                both[((nint)i * Depth) + q] = v[q][i];
                both[((nint)i * Depth) + PanelColumns + q] = w[q][i];
            }
        }

        var (rows, room) = ((nint)both, (nint)panels);
        Workers.For((size - first + width - 1) / width, size - first < LeastShared ? 1 : threads, (strip, worker) =>
        {
            var column = first + (strip * width);
            var source = (double*)rows;
            var panel = (double*)room + ((nint)worker * Depth * width);
            for (var j = 0; j < width; j++)
            {
                var at = source + ((nint)Math.Min(column + j, size - 1) * Depth);
                for (var q = 0; q < PanelColumns; q++)
                {
                    panel[(q * width) + j] = -at[PanelColumns + q];
                    panel[((PanelColumns + q) * width) + j] = -at[q];
                }
            }

            for (var i = first; i < size; i += MicroKernel.Height)
            {
                MicroKernel.Multiply(
                    source + ((nint)i * Depth), Depth, Math.Min(MicroKernel.Height, size - i), panel, Depth, matrix + ((nint)i * stride) + column, stride);
            }
        });
    }
}
