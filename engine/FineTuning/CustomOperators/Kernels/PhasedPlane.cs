using System.Runtime.CompilerServices;
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
    private readonly float* map, paddedRow;
    private readonly int[] offsets;
    private readonly int step;

    /// <summary>Allocates it.</summary>
    public PhasedPlane(PlaneWindow window, int height, int width, int rows, int columns)
    {
        (this.window, this.height, this.width, this.rows, this.columns) = (window, height, width, rows, columns);
        Stride = (columns + Lanes - 1) / Lanes * Lanes;
        line = Math.Max(
            Stride + (window.DilationX * (window.KernelX - 1) / window.StrideX) + 1, ((width + window.BeforeX + window.StrideX - 1) / window.StrideX) + 1);
        mapRows = Math.Max(((rows - 1) * window.StrideY) + (window.DilationY * (window.KernelY - 1)) + 1, height + window.BeforeY);
        map = (float*)NativeMemory.AllocZeroed((nuint)((mapRows * window.StrideX * line) + (rows * Stride) + (window.StrideX * line)), sizeof(float));
        Positions = map + (mapRows * window.StrideX * line);
        paddedRow = Positions + (rows * Stride);
        step = window.StrideY * window.StrideX * line;
        offsets = [.. Enumerable.Range(0, window.KernelY * window.KernelX).Select(element => Offset(element / window.KernelX, element % window.KernelX * window.DilationX))];
    }

    /// <summary>The positions, row by row.</summary>
    public float* Positions { get; }

    /// <summary>The elements from one row of positions to the next.</summary>
    public int Stride { get; }

    /// <summary>Puts a map in.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public void LoadMap(float* source)
    {
        for (var y = 0; y < height; y++)
        {
            if (window.StrideX == 2)
            {
                new ReadOnlySpan<float>(source + (y * width), width).CopyTo(new Span<float>(paddedRow + window.BeforeX, width));
                var even = map + ((y + window.BeforeY) * 2 * line);
                EvenOdd.Part(paddedRow, even, even + line, line);
                continue;
            }

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
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public void TakeMap(float* target)
    {
        for (var y = 0; y < height; y++)
        {
            if (window.StrideX == 2)
            {
                var even = map + ((y + window.BeforeY) * 2 * line);
                EvenOdd.Join(even, even + line, paddedRow, line);
                new ReadOnlySpan<float>(paddedRow + window.BeforeX, width).CopyTo(new Span<float>(target + (y * width), width));
                continue;
            }

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
        new Span<float>(paddedRow, window.StrideX * line).Clear();
    }

    /// <summary>Puts the values of the positions in.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public void LoadPositions(float* source)
    {
        for (var row = 0; row < rows; row++)
        {
            new ReadOnlySpan<float>(source + (row * columns), columns).CopyTo(new Span<float>(Positions + (row * Stride), columns));
        }
    }

    /// <summary>Takes the values of the positions out.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public void TakePositions(float* target)
    {
        for (var row = 0; row < rows; row++)
        {
            new ReadOnlySpan<float>(Positions + (row * Stride), columns).CopyTo(new Span<float>(target + (row * columns), columns));
        }
    }

    /// <summary>Positions = the convolution of the map with a kernel, and an intercept.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public void Convolve(float* kernel, float intercept)
    {
        fixed (int* offset = offsets)
        {
            var elements = offsets.Length;
            for (var row = 0; row < rows; row++)
            {
                float* seen = map + (row * step), target = Positions + (row * Stride);
                var i = 0;
                for (; i <= Stride - (4 * Lanes); i += 4 * Lanes)
                {
                    Vector256<float> a = Vector256.Create(intercept), b = a, c = a, d = a;
                    for (var element = 0; element < elements; element++)
                    {
                        var from = seen + offset[element] + i;
                        var weight = Vector256.Create(kernel[element]);
                        a = Vector256.FusedMultiplyAdd(Vector256.Load(from), weight, a);
                        b = Vector256.FusedMultiplyAdd(Vector256.Load(from + Lanes), weight, b);
                        c = Vector256.FusedMultiplyAdd(Vector256.Load(from + (2 * Lanes)), weight, c);
                        d = Vector256.FusedMultiplyAdd(Vector256.Load(from + (3 * Lanes)), weight, d);
                    }

                    a.Store(target + i);
                    b.Store(target + i + Lanes);
                    c.Store(target + i + (2 * Lanes));
                    d.Store(target + i + (3 * Lanes));
                }

                for (; i < Stride; i += Lanes)
                {
                    var a = Vector256.Create(intercept);
                    for (var element = 0; element < elements; element++)
                    {
                        a = Vector256.FusedMultiplyAdd(Vector256.Load(seen + offset[element] + i), Vector256.Create(kernel[element]), a);
                    }

                    a.Store(target + i);
                }
            }
        }
    }

    /// <summary>Map += the positions spread by a kernel: the transposed convolution.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public void Spread(float* kernel)
    {
        for (var row = 0; row < rows; row++)
        {
            var source = Positions + (row * Stride);
            for (var element = 0; element < offsets.Length; element++)
            {
                var target = map + (row * step) + offsets[element];
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
        var element = 0;
        for (; element <= offsets.Length - 3; element += 3)
        {
            Three(offsets[element], offsets[element + 1], offsets[element + 2], kernel + element);
        }

        for (; element < offsets.Length; element++)
        {
            One(offsets[element], kernel + element);
        }
    }

    /// <inheritdoc/>
    public void Dispose() => NativeMemory.Free(map);

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void Three(int x, int y, int z, double* sums)
    {
        Vector256<float> a = default, b = default, c = default;
        for (var row = 0; row < rows; row++)
        {
            float* source = Positions + (row * Stride), seen = map + (row * step);
            for (var i = 0; i < Stride; i += Lanes)
            {
                var value = Vector256.Load(source + i);
                a = Vector256.FusedMultiplyAdd(value, Vector256.Load(seen + x + i), a);
                b = Vector256.FusedMultiplyAdd(value, Vector256.Load(seen + y + i), b);
                c = Vector256.FusedMultiplyAdd(value, Vector256.Load(seen + z + i), c);
            }
        }

        sums[0] += Vector256.Sum(a);
        sums[1] += Vector256.Sum(b);
        sums[2] += Vector256.Sum(c);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void One(int x, double* sum)
    {
        Vector256<float> a = default;
        for (var row = 0; row < rows; row++)
        {
            float* source = Positions + (row * Stride), seen = map + (row * step);
            for (var i = 0; i < Stride; i += Lanes)
            {
                a = Vector256.FusedMultiplyAdd(Vector256.Load(source + i), Vector256.Load(seen + x + i), a);
            }
        }

        *sum += Vector256.Sum(a);
    }

    // From what the first element of the window sees to what another does, at the positions of a row.
    private int Offset(int y, int column) => ((((y * window.DilationY) * window.StrideX) + (column % window.StrideX)) * line) + (column / window.StrideX);

    // The first and the number of columns of a phase that lie before the end of the map, padding included.
    private int First(int phase) => Math.Max((window.BeforeX - phase + window.StrideX - 1) / window.StrideX, 0);

    private int Count(int phase) => (width + window.BeforeX - phase + window.StrideX - 1) / window.StrideX;
}
