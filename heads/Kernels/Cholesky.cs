using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace OnnxTransfer.Heads;

/// <summary>Gives a row of a lower triangle.</summary>
internal delegate void FillRow<T>(int row, Span<T> target);

/// <summary>
/// The factor of a symmetric positive definite matrix A = s I + t Y Y' in the precision T, both the product and the
/// factorisation made of the micro-kernel: blocks of columns as wide as a panel, each updated by all columns to its left.
/// </summary>
internal sealed unsafe class Cholesky<T> : IDisposable where T : unmanaged, IFloatingPointIeee754<T>
{
    private readonly int size;
    private readonly AlignedBuffer<T> factor;

    private Cholesky(int size)
    {
        this.size = size;
        factor = new AlignedBuffer<T>((long)Stride * size);
    }

    // Whole panels: the last one's columns beyond the matrix are written and never read.
    private int Stride => (size + Width - 1) / Width * Width;

    private static int Width => MicroKernel.Width<T>();

    /// <summary>Factors s I + t Y Y', Y of size x depth row by row; null where rounding leaves it not positive definite.</summary>
    public static Cholesky<T>? Of(AlignedBuffer<T> y, int size, int depth, T s, T t) => Of(y.Start, size, depth, s, t);

    /// <summary>The same of a Y anywhere in memory.</summary>
    public static Cholesky<T>? Of(T* y, int size, int depth, T s, T t)
    {
        var result = new Cholesky<T>(size);
        using (var panel = new AlignedBuffer<T>((long)Width * depth))
        {
            for (var column = 0; column < size; column += Width)
            {
                result.Update(y, depth, column, t, panel.Start);
            }
        }

        for (var i = 0; i < size; i++)
        {
            result.Row(i)[i] += s;
        }

        return result.Finish();
    }

    /// <summary>Factors a matrix whose lower triangle is given row by row, row i by i + 1 numbers; null as above.</summary>
    public static Cholesky<T>? Of(int size, FillRow<T> fill)
    {
        var result = new Cholesky<T>(size);
        for (var i = 0; i < size; i++)
        {
            fill(i, new Span<T>(result.Row(i), i + 1));
        }

        return result.Finish();
    }

    /// <summary>Replaces x by A^-1 x.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public void Solve(Span<T> x)
    {
        fixed (T* start = x)
        {
            for (var i = 0; i < size; i++)
            {
                var row = Row(i);
                start[i] = (start[i] - Dot(row, start, i)) / row[i];
            }
        }

        SolveTransposed(x);
    }

    /// <summary>Replaces x by L'^-1 x, A = L L'.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public void SolveTransposed(Span<T> x)
    {
        fixed (T* start = x)
        {
            for (var i = size - 1; i >= 0; i--)
            {
                var row = Row(i);
                start[i] /= row[i];
                AddScaled(-start[i], row, start, i);
            }
        }
    }

    /// <summary>The first i + 1 numbers of row i of L, rounded.</summary>
    public void CopyRow(int i, Span<float> target)
    {
        for (var j = 0; j <= i; j++)
        {
            target[j] = float.CreateTruncating(Row(i)[j]);
        }
    }

    public void Dispose() => factor.Dispose();

    /// <summary>Turns the matrix into its factor.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private Cholesky<T>? Finish()
    {
        using var panel = new AlignedBuffer<T>((long)Width * Math.Max(Width, size));
        for (var column = 0; column < size; column += Width)
        {
            Update(factor.Start, column, column, -T.One, panel.Start);
            if (!FinishColumns(column, Math.Min(Width, size - column), panel.Start))
            {
                Dispose();
                return null;
            }
        }

        return this;
    }

    /// <summary>Adds t Y Y' to the columns of a block, from the diagonal down; Y's rows are depth long.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void Update(T* y, int depth, int column, T t, T* panel)
    {
        var isFactor = y == factor.Start;
        nint stride = isFactor ? Stride : depth;
        for (var j = 0; j < Width; j++)
        {
            var row = y + (Math.Min(column + j, size - 1) * stride);
            for (nint d = 0; d < depth; d++)
            {
                panel[(d * Width) + j] = t * row[d];
            }
        }

        for (var i = column; i < size; i += MicroKernel.Height)
        {
            MicroKernel.Multiply(y + (i * stride), stride, Math.Min(MicroKernel.Height, size - i), panel, depth, Row(i) + column, Stride);
        }
    }

    /// <summary>Factors the diagonal block, and multiplies the rows below it by the inverse of its transpose for their part of the factor.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private bool FinishColumns(int column, int count, T* panel)
    {
        if (!FactorDiagonal(column, count))
        {
            return false;
        }

        InvertDiagonal(column, count, panel);
        var rows = stackalloc T[MicroKernel.Height * Width];
        for (var i = column + count; i < size; i += MicroKernel.Height)
        {
            var height = Math.Min(MicroKernel.Height, size - i);
            for (var r = 0; r < height; r++)
            {
                var row = new Span<T>(Row(i + r) + column, Width);
                row.CopyTo(new Span<T>(rows + (r * Width), Width));
                row.Clear();
            }

            MicroKernel.Multiply(rows, Width, height, panel, count, Row(i) + column, Stride);
        }

        return true;
    }

    private bool FactorDiagonal(int column, int count)
    {
        for (var i = 0; i < count; i++)
        {
            var row = Row(column + i) + column;
            for (var j = 0; j <= i; j++)
            {
                var above = Row(column + j) + column;
                var sum = row[j];
                for (var l = 0; l < j; l++)
                {
                    sum -= row[l] * above[l];
                }

                if (j < i)
                {
                    row[j] = sum / above[j];
                }
                else if (sum > T.Zero && T.IsFinite(sum))
                {
                    row[j] = T.Sqrt(sum);
                }
                else
                {
                    return false;
                }
            }
        }

        return true;
    }

    /// <summary>Sets a panel to the inverse of the transpose of a diagonal block of the factor, zero beyond it.</summary>
    private void InvertDiagonal(int column, int count, T* panel)
    {
        new Span<T>(panel, count * Width).Clear();
        for (var d = 0; d < count; d++)
        {
            for (var j = d; j < count; j++)
            {
                var row = Row(column + j) + column;
                var sum = j == d ? T.One : T.Zero;
                for (var l = d; l < j; l++)
                {
                    sum -= row[l] * panel[(d * Width) + l];
                }

                panel[(d * Width) + j] = sum / row[j];
            }
        }
    }

    private T* Row(int row) => factor.Start + ((long)row * Stride);

    /// <summary>Sum of x_i y_i: two vectors of 256 bits of partial sums, whatever the machine's vectors.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static T Dot(T* x, T* y, int length)
    {
        Vector256<T> low = default, high = default;
        var (lanes, i) = (Vector256<T>.Count, 0);
        for (; i <= length - (2 * lanes); i += 2 * lanes)
        {
            low += Vector256.Load(x + i) * Vector256.Load(y + i);
            high += Vector256.Load(x + i + lanes) * Vector256.Load(y + i + lanes);
        }

        var sum = Vector256.Sum(low + high);
        for (; i < length; i++)
        {
            sum += x[i] * y[i];
        }

        return sum;
    }

    /// <summary>y += a x.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void AddScaled(T a, T* x, T* y, int length)
    {
        var factor = Vector256.Create(a);
        var (lanes, i) = (Vector256<T>.Count, 0);
        for (; i <= length - lanes; i += lanes)
        {
            Vector256.Store(Vector256.Load(y + i) + (factor * Vector256.Load(x + i)), y + i);
        }

        for (; i < length; i++)
        {
            y[i] += a * x[i];
        }
    }
}
