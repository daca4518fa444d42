using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace OnnxTransfer.FineTuning;

/// <summary>
/// The gradient of MaxPool over two axes: dy goes to the first element of its window, row by row, that is the maximum. Inputs: dy,
/// x, y; attributes kernel, strides, dilations and before (the padding before the map). Each image's channel is a piece of work.
/// </summary>
internal static unsafe class MaxPoolReturn
{
    private const int Lanes = 8;

    /// <summary>The operator.</summary>
    public static CustomOperator Operator { get; } = new("MaxPoolGradient", 3, 0, 1, static attributes =>
    {
        var window = PlaneWindow.Of(attributes);
        return call =>
        {
            var (gradient, input, output) = (call.Input(0), call.Input(1), call.Input(2));
            var result = call.Output(0, input.Dims);
            var (map, positions) = (input[2] * input[3], gradient[2] * gradient[3]);
            call.Parallel(input[0] * input[1], plane => Plane(
                window, gradient.Data + ((long)plane * positions), input.Data + ((long)plane * map), output.Data + ((long)plane * positions),
                result.Data + ((long)plane * map), (input[2], input[3]), (gradient[2], gradient[3])));
        };
    });

    private static void Plane(
        PlaneWindow window, float* gradient, float* input, float* output, float* result, (int Height, int Width) map, (int Rows, int Columns) positions)
    {
        new Span<float>(result, map.Height * map.Width).Clear();
        var quick = Avx2.IsSupported && window is { StrideX: 1 or 2, DilationX: 1 };

        // Windows that begin on the map, and those of them that come in vectors of eight of which all that is read lies in the row.
        var begin = quick ? Math.Min((window.BeforeX + window.StrideX - 1) / window.StrideX, positions.Columns) : 0;
        var last = quick ? Math.Min(positions.Columns, (map.Width - window.KernelX + window.BeforeX) / window.StrideX) - Lanes : -1;
        for (var row = 0; row < positions.Rows; row++)
        {
            var (top, first, end) = Span(row * window.StrideY, window.BeforeY, window.KernelY, window.DilationY, map.Height);
            var from = input + ((top + (first * window.DilationY)) * map.Width);
            var to = result + (from - input);
            var (at, rows, step) = (row * positions.Columns, end - first + 1, window.DilationY * map.Width);
            Ones(window, gradient + at, from, output + at, to, map.Width, rows, step, 0, begin);
            var column = begin;
            if (begin <= last)
            {
                column = Eights(gradient + at, from - window.BeforeX, output + at, to - window.BeforeX, (rows, step, window.KernelX, window.StrideX), begin, last);
            }

            Ones(window, gradient + at, from, output + at, to, map.Width, rows, step, column, positions.Columns);
        }
    }

    // From the last element to the first without leaving early: a branch that is not foreseen costs more than the rest of the window.
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Ones(
        PlaneWindow window, float* gradient, float* input, float* output, float* result, int width, int rows, int step, int column, int end)
    {
        for (; column < end; column++)
        {
            var (left, first, last) = Span(column * window.StrideX, window.BeforeX, window.KernelX, window.DilationX, width);
            var (maximum, place) = (output[column], -1);
            for (var y = rows - 1; y >= 0; y--)
            {
                for (var x = last; x >= first; x--)
                {
                    var at = (y * step) + left + (x * window.DilationX);
                    place = input[at] == maximum ? at : place;
                }
            }

            if (place >= 0)
            {
                result[place] += gradient[column];
            }
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static int Eights(float* gradient, float* input, float* output, float* result, (int Rows, int Step, int Width, int Stride) window, int column, int last)
    {
        var (rows, step, width, stride) = window;
        var lanes = Vector256<int>.Indices * stride;
        var found = stackalloc int[Lanes];
        for (; column <= last; column += Lanes)
        {
            var maximum = Vector256.Load(output + column);
            var places = Vector256<int>.AllBitsSet;
            var left = column * stride;
            for (var y = rows - 1; y >= 0; y--)
            {
                for (var x = width - 1; x >= 0; x--)
                {
                    var at = (y * step) + left + x;
                    var seen = stride == 1 ? Vector256.Load(input + at) : Even(input + at);
                    places = Vector256.ConditionalSelect(Vector256.Equals(seen, maximum).AsInt32(), lanes + Vector256.Create(at), places);
                }
            }

            places.Store(found);
            for (var lane = 0; lane < Lanes; lane++)
            {
                if (found[lane] >= 0)
                {
                    result[found[lane]] += gradient[column + lane];
                }
            }
        }

        return column;
    }

    // Every second of sixteen.
    private static Vector256<float> Even(float* from) =>
        Avx2.Permute4x64(Avx.Shuffle(Vector256.Load(from), Vector256.Load(from + Lanes), 0x88).AsDouble(), 0xD8).AsSingle();

    // Where a window begins, and its first and last element on the map.
    private static (int Begin, int First, int Last) Span(int position, int before, int kernel, int dilation, int size)
    {
        var begin = position - before;
        var first = begin < 0 ? (-begin + dilation - 1) / dilation : 0;
        return (begin, first, Math.Min(kernel - 1, (size - 1 - begin) / dilation));
    }
}

/// <summary>A sliding window over two axes.</summary>
internal sealed record PlaneWindow(int KernelY, int KernelX, int StrideY, int StrideX, int DilationY, int DilationX, int BeforeY, int BeforeX)
{
    /// <summary>The window of a node's attributes.</summary>
    public static PlaneWindow Of(KernelAttributes attributes)
    {
        int[] kernel = attributes.Numbers("kernel"), strides = attributes.Numbers("strides"), dilations = attributes.Numbers("dilations"), before = attributes.Numbers("before");
        return new(kernel[0], kernel[1], strides[0], strides[1], dilations[0], dilations[1], before[0], before[1]);
    }

    /// <summary>The attributes of a window.</summary>
    public static (string Name, object Value)[] Attributes(Window window) =>
        [("kernel", window.Kernel), ("strides", window.Strides), ("dilations", window.Dilations), ("before", window.Before)];
}
