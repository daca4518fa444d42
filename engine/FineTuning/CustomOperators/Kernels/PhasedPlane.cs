using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace OnnxTransfer.FineTuning;

/// <summary>
/// Scratch memory of one depthwise plane, laid out so that every element of the window reads and writes whole vectors: the map is
/// padded with zeros, columns whose distance is the stride lie beside each other, and rows of positions end in zeros.
/// </summary>
internal sealed unsafe class PhasedPlane : IDisposable
{
    private const int Lanes = 8;

    private readonly PlaneWindow window;
    private readonly int height, width, rows, columns, line, mapRows;
    private readonly float* map;

    /// <summary>Allocates it.</summary>
    public PhasedPlane(PlaneWindow window, int height, int width, int rows, int columns)
    {
        (this.window, this.height, this.width, this.rows, this.columns) = (window, height, width, rows, columns);
        Stride = (columns + Lanes - 1) / Lanes * Lanes;
        line = Math.Max(
            Stride + (window.DilationX * (window.KernelX - 1) / window.StrideX) + 1, ((width + window.BeforeX + window.StrideX - 1) / window.StrideX) + 1);
        mapRows = Math.Max(((rows - 1) * window.StrideY) + (window.DilationY * (window.KernelY - 1)) + 1, height + window.BeforeY);
        map = (float*)NativeMemory.AllocZeroed((nuint)((mapRows * window.StrideX * line) + (rows * Stride)), sizeof(float));
        Positions = map + (mapRows * window.StrideX * line);
    }

    /// <summary>The positions, row by row.</summary>
    public float* Positions { get; }

    /// <summary>The elements from one row of positions to the next.</summary>
    public int Stride { get; }

    /// <summary>What an element of the window sees of the map at the positions of a row.</summary>
    public float* Seen(int row, int y, int x)
    {
        var offset = x * window.DilationX;
        return map + (((((row * window.StrideY) + (y * window.DilationY)) * window.StrideX) + (offset % window.StrideX)) * line) + (offset / window.StrideX);
    }

    /// <summary>Puts a map in.</summary>
    public void LoadMap(float* source)
    {
        for (var y = 0; y < height; y++)
        {
            for (var phase = 0; phase < window.StrideX; phase++)
            {
                var target = map + ((((y + window.BeforeY) * window.StrideX) + phase) * line);
                var first = First(phase);
                var from = source + (y * width) + (first * window.StrideX) + phase - window.BeforeX;
                var count = Count(phase) - first;
                if (window.StrideX == 1)
                {
                    new ReadOnlySpan<float>(from, count).CopyTo(new Span<float>(target + first, count));
                    continue;
                }

                for (var i = 0; i < count; i++)
                {
                    target[first + i] = from[i * window.StrideX];
                }
            }
        }
    }

    /// <summary>Takes the map out, and leaves zeros.</summary>
    public void TakeMap(float* target)
    {
        for (var y = 0; y < height; y++)
        {
            for (var phase = 0; phase < window.StrideX; phase++)
            {
                var source = map + ((((y + window.BeforeY) * window.StrideX) + phase) * line);
                var first = First(phase);
                var to = target + (y * width) + (first * window.StrideX) + phase - window.BeforeX;
                var count = Count(phase) - first;
                for (var i = 0; i < count; i++)
                {
                    to[i * window.StrideX] = source[first + i];
                }
            }
        }

        new Span<float>(map, mapRows * window.StrideX * line).Clear();
    }

    /// <summary>Puts the values of the positions in.</summary>
    public void LoadPositions(float* source)
    {
        for (var row = 0; row < rows; row++)
        {
            new ReadOnlySpan<float>(source + (row * columns), columns).CopyTo(new Span<float>(Positions + (row * Stride), columns));
        }
    }

    /// <summary>Takes the values of the positions out.</summary>
    public void TakePositions(float* target)
    {
        for (var row = 0; row < rows; row++)
        {
            new ReadOnlySpan<float>(Positions + (row * Stride), columns).CopyTo(new Span<float>(target + (row * columns), columns));
        }
    }

    /// <summary>Positions = the convolution of the map with a kernel, and an intercept.</summary>
    public void Convolve(float* kernel, float intercept)
    {
        for (var row = 0; row < rows; row++)
        {
            var target = Positions + (row * Stride);
            for (var i = 0; i < Stride; i += Lanes)
            {
                var sum = Vector256.Create(intercept);
                var weight = kernel;
                for (var y = 0; y < window.KernelY; y++)
                {
                    for (var x = 0; x < window.KernelX; x++)
                    {
                        sum = Vector256.FusedMultiplyAdd(Vector256.Load(Seen(row, y, x) + i), Vector256.Create(*weight++), sum);
                    }
                }

                sum.Store(target + i);
            }
        }
    }

    /// <summary>Map += the positions spread by a kernel: the transposed convolution.</summary>
    public void Spread(float* kernel)
    {
        for (var row = 0; row < rows; row++)
        {
            var source = Positions + (row * Stride);
            for (var element = 0; element < window.KernelY * window.KernelX; element++)
            {
                var target = Seen(row, element / window.KernelX, element % window.KernelX);
                var weight = Vector256.Create(kernel[element]);
                for (var i = 0; i < Stride; i += Lanes)
                {
                    Vector256.FusedMultiplyAdd(Vector256.Load(source + i), weight, Vector256.Load(target + i)).Store(target + i);
                }
            }
        }
    }

    /// <summary>Adds the products of positions and map to each element of the kernel.</summary>
    public void Correlate(double* kernel)
    {
        for (var y = 0; y < window.KernelY; y++)
        {
            var x = 0;
            for (; x <= window.KernelX - 3; x += 3)
            {
                Three(y, x, kernel + (y * window.KernelX) + x);
            }

            for (; x < window.KernelX; x++)
            {
                One(y, x, kernel + (y * window.KernelX) + x);
            }
        }
    }

    /// <inheritdoc/>
    public void Dispose() => NativeMemory.Free(map);

    private void Three(int y, int x, double* sums)
    {
        Vector256<float> a = default, b = default, c = default;
        for (var row = 0; row < rows; row++)
        {
            var source = Positions + (row * Stride);
            float* first = Seen(row, y, x), second = Seen(row, y, x + 1), third = Seen(row, y, x + 2);
            for (var i = 0; i < Stride; i += Lanes)
            {
                var value = Vector256.Load(source + i);
                a = Vector256.FusedMultiplyAdd(value, Vector256.Load(first + i), a);
                b = Vector256.FusedMultiplyAdd(value, Vector256.Load(second + i), b);
                c = Vector256.FusedMultiplyAdd(value, Vector256.Load(third + i), c);
            }
        }

        sums[0] += Vector256.Sum(a);
        sums[1] += Vector256.Sum(b);
        sums[2] += Vector256.Sum(c);
    }

    private void One(int y, int x, double* sum)
    {
        Vector256<float> a = default;
        for (var row = 0; row < rows; row++)
        {
            var (source, seen) = ((nint)(Positions + (row * Stride)), (nint)Seen(row, y, x));
            for (var i = 0; i < Stride; i += Lanes)
            {
                a = Vector256.FusedMultiplyAdd(Vector256.Load((float*)source + i), Vector256.Load((float*)seen + i), a);
            }
        }

        *sum += Vector256.Sum(a);
    }

    // The first and the number of columns of a phase that lie before the end of the map, padding included.
    private int First(int phase) => Math.Max((window.BeforeX - phase + window.StrideX - 1) / window.StrideX, 0);

    private int Count(int phase) => (width + window.BeforeX - phase + window.StrideX - 1) / window.StrideX;
}
