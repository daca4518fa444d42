using System.Runtime.CompilerServices;

namespace OnnxTransfer.Heads;

/// <summary>Gives a row of a lower triangle.</summary>
internal delegate void FillRow(int row, Span<double> target);

/// <summary>
/// The factor of a symmetric positive definite matrix A = s I + t Y Y' in float64, both the product and the
/// factorisation made of the micro-kernel: blocks of columns as wide as a panel, each updated by all columns to its left.
/// </summary>
internal sealed unsafe class Cholesky : IDisposable
{
    private readonly int size;
    private readonly AlignedBuffer<double> factor;

    private Cholesky(int size)
    {
        this.size = size;
        factor = new AlignedBuffer<double>((long)Stride * size);
    }

    // Whole panels: the last one's columns beyond the matrix are written and never read.
    private int Stride => (size + Width - 1) / Width * Width;

    private static int Width => MicroKernel.Width<double>();

    /// <summary>Factors s I + t Y Y', Y of size x depth row by row; null where rounding leaves it not positive definite.</summary>
    public static Cholesky? Of(AlignedBuffer<double> y, int size, int depth, double s, double t) => Of(y.Start, size, depth, s, t);

    /// <summary>The same of a Y anywhere in memory.</summary>
    public static Cholesky? Of(double* y, int size, int depth, double s, double t)
    {
        var result = new Cholesky(size);
        using (var panel = new AlignedBuffer<double>((long)Width * depth))
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
    public static Cholesky? Of(int size, FillRow fill)
    {
        var result = new Cholesky(size);
        for (var i = 0; i < size; i++)
        {
            fill(i, new Span<double>(result.Row(i), i + 1));
        }

        return result.Finish();
    }

    /// <summary>Replaces x by A^-1 x.</summary>
    public void Solve(Span<double> x)
    {
        for (var i = 0; i < size; i++)
        {
            var row = new ReadOnlySpan<double>(Row(i), i + 1);
            x[i] = (x[i] - VectorArithmetic.Dot(row[..i], x)) / row[i];
        }

        SolveTransposed(x);
    }

    /// <summary>Replaces x by L'^-1 x, A = L L'.</summary>
    public void SolveTransposed(Span<double> x)
    {
        for (var i = size - 1; i >= 0; i--)
        {
            var row = new ReadOnlySpan<double>(Row(i), i + 1);
            x[i] /= row[i];
            VectorArithmetic.AddScaled(-x[i], row[..i], x);
        }
    }

    /// <summary>The first i + 1 numbers of row i of L, rounded.</summary>
    public void CopyRow(int i, Span<float> target)
    {
        for (var j = 0; j <= i; j++)
        {
            target[j] = (float)Row(i)[j];
        }
    }

    public void Dispose() => factor.Dispose();

    /// <summary>Turns the matrix into its factor.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private Cholesky? Finish()
    {
        using var panel = new AlignedBuffer<double>((long)Width * Math.Max(Width, size));
        for (var column = 0; column < size; column += Width)
        {
            Update(factor.Start, column, column, -1, panel.Start);
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
    private void Update(double* y, int depth, int column, double t, double* panel)
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
    private bool FinishColumns(int column, int count, double* panel)
    {
        if (!FactorDiagonal(column, count))
        {
            return false;
        }

        InvertDiagonal(column, count, panel);
        var rows = stackalloc double[MicroKernel.Height * Width];
        for (var i = column + count; i < size; i += MicroKernel.Height)
        {
            var height = Math.Min(MicroKernel.Height, size - i);
            for (var r = 0; r < height; r++)
            {
                var row = new Span<double>(Row(i + r) + column, Width);
                row.CopyTo(new Span<double>(rows + (r * Width), Width));
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
                else if (sum > 0 && double.IsFinite(sum))
                {
                    row[j] = Math.Sqrt(sum);
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
    private void InvertDiagonal(int column, int count, double* panel)
    {
        new Span<double>(panel, count * Width).Clear();
        for (var d = 0; d < count; d++)
        {
            for (var j = d; j < count; j++)
            {
                var row = Row(column + j) + column;
                var sum = j == d ? 1.0 : 0.0;
                for (var l = d; l < j; l++)
                {
                    sum -= row[l] * panel[(d * Width) + l];
                }

                panel[(d * Width) + j] = sum / row[j];
            }
        }
    }

    private double* Row(int row) => factor.Start + ((long)row * Stride);
}
