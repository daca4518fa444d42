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

    // Rows of positions that are computed together.
    private const int Height = 4;

    private readonly PlaneWindow window;
    private readonly int height, width, rows, columns, line, mapRows;
    private readonly float* map, positions, paddedRow;
    private readonly int[] offsets;
    private readonly int step, stride;

    /// <summary>Allocates it.</summary>
    public PhasedPlane(PlaneWindow window, int height, int width, int rows, int columns)
    {
        (this.window, this.height, this.width, this.rows, this.columns) = (window, height, width, rows, columns);
        stride = (columns + Lanes - 1) / Lanes * Lanes;
        line = Math.Max(
            stride + (window.DilationX * (window.KernelX - 1) / window.StrideX) + 1, ((width + window.BeforeX + window.StrideX - 1) / window.StrideX) + 1);
        mapRows = Math.Max(((Math.Max(rows, Height) - 1) * window.StrideY) + (window.DilationY * (window.KernelY - 1)) + 1, height + window.BeforeY);
        map = (float*)NativeMemory.AllocZeroed((nuint)((mapRows * window.StrideX * line) + (Math.Max(rows, Height) * stride) + (window.StrideX * line)), sizeof(float));
        positions = map + (mapRows * window.StrideX * line);
        paddedRow = positions + (Math.Max(rows, Height) * stride);
        step = window.StrideY * window.StrideX * line;
        offsets = [.. Enumerable.Range(0, window.KernelY * window.KernelX).Select(element => Offset(element / window.KernelX, element % window.KernelX * window.DilationX))];
    }

    /// <summary>Puts a map in.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public void LoadMap(float* source)
    {
        var (phases, before) = (window.StrideX, window.BeforeX);
        var to = map + (window.BeforeY * phases * line);
        for (var y = 0; y < height; y++, source += width, to += phases * line)
        {
            if (phases == 1)
            {
                Copy(source, to + before, width);
                continue;
            }

            if (phases == 2)
            {
                Copy(source, paddedRow + before, width);
                EvenOdd.Part(paddedRow, to, to + line, line);
                continue;
            }

            for (var phase = 0; phase < phases; phase++)
            {
                var first = First(phase);
                var from = source + (first * phases) + phase - before;
                for (var i = 0; i < Count(phase) - first; i++)
                {
                    to[(phase * line) + first + i] = from[i * phases];
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
                Copy(paddedRow + window.BeforeX, target + (y * width), width);
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

    /// <summary>Target = the convolution of the map with a kernel, and an intercept, between bounds.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public void Convolve(float* kernel, float intercept, (float Low, float High) bounds, float* target)
    {
        // The last rows go over some of those before them: the same numbers are written twice.
        for (var row = 0; row < rows; row = row + Height < rows && row + (2 * Height) > rows ? rows - Height : row + Height)
        {
            // What whole vectors write behind a row is written again with the next one, but not behind the plane.
            if (((row + Height - 1) * columns) + stride <= rows * columns)
            {
                ConvolveRows(map + (row * step), kernel, intercept, bounds, target + (row * columns), columns);
                continue;
            }

            ConvolveRows(map + (row * step), kernel, intercept, bounds, positions, stride);
            for (var i = 0; i < Math.Min(Height, rows - row); i++)
            {
                Copy(positions + (i * stride), target + ((row + i) * columns), columns);
            }
        }
    }

    /// <summary>Map += the positions spread by a kernel: the transposed convolution.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public void Spread(float* source, float* kernel)
    {
        for (var row = 0; row < rows; row++)
        {
            Copy(source + (row * columns), positions, columns);
            for (var element = 0; element < offsets.Length; element++)
            {
                var target = map + (row * step) + offsets[element];
                var weight = Vector256.Create(kernel[element]);
                for (var i = 0; i < stride; i += Lanes)
                {
                    Vector256.FusedMultiplyAdd(Vector256.Load(positions + i), weight, Vector256.Load(target + i)).Store(target + i);
                }
            }
        }
    }

    /// <summary>Adds the products of the positions and the map to each element of the kernel.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public void Correlate(float* source, double* kernel)
    {
        if (columns < stride)
        {
            for (var row = 0; row < rows; row++)
            {
                Copy(source + (row * columns), positions + (row * stride), columns);
            }

            source = positions;
        }

        var element = 0;
        for (; element <= offsets.Length - 9; element += 9)
        {
            Nine(source, element, kernel + element);
        }

        for (; element < offsets.Length; element++)
        {
            One(source, offsets[element], kernel + element);
        }
    }

    /// <inheritdoc/>
    public void Dispose() => NativeMemory.Free(map);

    // Rows of positions, in whole vectors from the last to the first: what one writes behind its row the next row's first goes over.
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void ConvolveRows(float* seen, float* kernel, float intercept, (float Low, float High) bounds, float* target, nint apart)
    {
        fixed (int* offset = offsets)
        {
            var (elements, next) = (offsets.Length, (nint)step);
            Vector256<float> low = Vector256.Create(bounds.Low), high = Vector256.Create(bounds.High);
            for (var i = stride - Lanes; i >= 0; i -= Lanes)
            {
                Vector256<float> a = Vector256.Create(intercept), b = a, c = a, d = a;
                for (var element = 0; element < elements; element++)
                {
                    var from = seen + offset[element] + i;
                    var weight = Vector256.Create(kernel[element]);
                    a = Vector256.FusedMultiplyAdd(Vector256.Load(from), weight, a);
                    b = Vector256.FusedMultiplyAdd(Vector256.Load(from + next), weight, b);
                    c = Vector256.FusedMultiplyAdd(Vector256.Load(from + (2 * next)), weight, c);
                    d = Vector256.FusedMultiplyAdd(Vector256.Load(from + (3 * next)), weight, d);
                }

                Within(a, low, high).Store(target + i);
                Within(b, low, high).Store(target + apart + i);
                Within(c, low, high).Store(target + (2 * apart) + i);
                Within(d, low, high).Store(target + (3 * apart) + i);
            }
        }
    }

    // What is no number stays none: the loss must tell.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector256<float> Within(Vector256<float> x, Vector256<float> low, Vector256<float> high)
    {
        x = Vector256.ConditionalSelect(Vector256.LessThan(x, low), low, x);
        return Vector256.ConditionalSelect(Vector256.GreaterThan(x, high), high, x);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void Nine(float* source, int element, double* sums)
    {
        nint o0 = offsets[element], o1 = offsets[element + 1], o2 = offsets[element + 2], o3 = offsets[element + 3], o4 = offsets[element + 4];
        nint o5 = offsets[element + 5], o6 = offsets[element + 6], o7 = offsets[element + 7], o8 = offsets[element + 8];
        Vector256<float> s0 = default, s1 = default, s2 = default, s3 = default, s4 = default, s5 = default, s6 = default, s7 = default, s8 = default;
        float* row = map, from = source;
        for (var y = 0; y < rows; y++, row += step, from += stride)
        {
            for (var i = 0; i < stride; i += Lanes)
            {
                var seen = row + i;
                var value = Vector256.Load(from + i);
                s0 = Vector256.FusedMultiplyAdd(value, Vector256.Load(seen + o0), s0);
                s1 = Vector256.FusedMultiplyAdd(value, Vector256.Load(seen + o1), s1);
                s2 = Vector256.FusedMultiplyAdd(value, Vector256.Load(seen + o2), s2);
                s3 = Vector256.FusedMultiplyAdd(value, Vector256.Load(seen + o3), s3);
                s4 = Vector256.FusedMultiplyAdd(value, Vector256.Load(seen + o4), s4);
                s5 = Vector256.FusedMultiplyAdd(value, Vector256.Load(seen + o5), s5);
                s6 = Vector256.FusedMultiplyAdd(value, Vector256.Load(seen + o6), s6);
                s7 = Vector256.FusedMultiplyAdd(value, Vector256.Load(seen + o7), s7);
                s8 = Vector256.FusedMultiplyAdd(value, Vector256.Load(seen + o8), s8);
            }
        }

        sums[0] += Vector256.Sum(s0);
        sums[1] += Vector256.Sum(s1);
        sums[2] += Vector256.Sum(s2);
        sums[3] += Vector256.Sum(s3);
        sums[4] += Vector256.Sum(s4);
        sums[5] += Vector256.Sum(s5);
        sums[6] += Vector256.Sum(s6);
        sums[7] += Vector256.Sum(s7);
        sums[8] += Vector256.Sum(s8);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void One(float* source, int x, double* sum)
    {
        Vector256<float> a = default;
        for (var row = 0; row < rows; row++)
        {
            float* from = source + (row * stride), seen = map + (row * step);
            for (var i = 0; i < stride; i += Lanes)
            {
                a = Vector256.FusedMultiplyAdd(Vector256.Load(from + i), Vector256.Load(seen + x + i), a);
            }
        }

        *sum += Vector256.Sum(a);
    }

    // A row, by vectors that overlap at its end: rows are too short for the call of a general copy to be worth it.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Copy(float* from, float* to, int count)
    {
        if (count >= Lanes)
        {
            var last = Vector256.Load(from + count - Lanes);
            for (var i = 0; i < count - Lanes; i += Lanes)
            {
                Vector256.Load(from + i).Store(to + i);
            }

            last.Store(to + count - Lanes);
        }
        else if (count >= Vector128<float>.Count)
        {
            var last = Vector128.Load(from + count - Vector128<float>.Count);
            Vector128.Load(from).Store(to);
            last.Store(to + count - Vector128<float>.Count);
        }
        else
        {
            for (var i = 0; i < count; i++)
            {
                to[i] = from[i];
            }
        }
    }

    // From what the first element of the window sees to what another does, at the positions of a row.
    private int Offset(int y, int column) => ((((y * window.DilationY) * window.StrideX) + (column % window.StrideX)) * line) + (column / window.StrideX);

    // The first and the number of columns of a phase that lie before the end of the map, padding included.
    private int First(int phase) => Math.Max((window.BeforeX - phase + window.StrideX - 1) / window.StrideX, 0);

    private int Count(int phase) => (width + window.BeforeX - phase + window.StrideX - 1) / window.StrideX;
}
