namespace OnnxTransfer.FineTuning;

/// <summary>
/// The gradient of MaxPool over two axes: dy goes to the first element of its window, row by row, that is the maximum. Inputs: dy,
/// x, y; attributes kernel, strides, dilations and before (the padding before the map). Each image's channel is a piece of work.
/// </summary>
internal static unsafe class MaxPoolReturn
{
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
        for (var row = 0; row < positions.Rows; row++)
        {
            var (top, firstRow, lastRow) = Span(row * window.StrideY, window.BeforeY, window.KernelY, window.DilationY, map.Height);
            for (var column = 0; column < positions.Columns; column++)
            {
                var (left, firstColumn, lastColumn) = Span(column * window.StrideX, window.BeforeX, window.KernelX, window.DilationX, map.Width);
                var maximum = output[(row * positions.Columns) + column];
                var place = -1;

                // From the last to the first without leaving early: a branch that is not foreseen costs more than the rest of the window.
                for (var y = lastRow; y >= firstRow; y--)
                {
                    var line = ((top + (y * window.DilationY)) * map.Width) + left;
                    for (var x = lastColumn; x >= firstColumn; x--)
                    {
                        var at = line + (x * window.DilationX);
                        place = input[at] == maximum ? at : place;
                    }
                }

                if (place >= 0)
                {
                    result[place] += gradient[(row * positions.Columns) + column];
                }
            }
        }
    }

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
