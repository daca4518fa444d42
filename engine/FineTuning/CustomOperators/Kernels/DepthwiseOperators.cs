namespace OnnxTransfer.FineTuning;

/// <summary>
/// Convolution with a kernel of its own for each channel, over two axes, and its gradients. Attributes kernel, strides, dilations,
/// before (the padding before the map), and sizes: the sides of what is made. A channel, or several where they are small, is a piece of work.
/// </summary>
internal static unsafe class DepthwiseOperators
{
    /// <summary>y = min(max(x * w + b, low), high). Inputs: x [N, C, H, W], w [C, 1, ...], and b [C] or none; attributes low and high too.</summary>
    public static CustomOperator Forward { get; } = new("DepthwiseConv", 3, 1, 1, static attributes =>
    {
        var (window, sizes) = (PlaneWindow.Of(attributes), attributes.Numbers("sizes"));
        var bounds = (attributes.Number("low"), attributes.Number("high"));
        return call =>
        {
            var (x, w, b) = (call.Input(0), call.Input(1), call.Optional(2));
            var y = call.Output(0, x[0], x[1], sizes[0], sizes[1]);
            var intercepts = b is { } given ? given.Data : null;
            Each(call, window, x, y, (channel, plane, map, positions) =>
            {
                plane.LoadMap(map);
                plane.Convolve(w.Data + ((long)channel * window.KernelY * window.KernelX), intercepts == null ? 0 : intercepts[channel], bounds, positions);
            });
        };
    });

    /// <summary>The gradient of x. Inputs: dy, w.</summary>
    public static CustomOperator OfInput { get; } = new("DepthwiseInputGradient", 2, 0, 1, static attributes =>
    {
        var (window, sizes) = (PlaneWindow.Of(attributes), attributes.Numbers("sizes"));
        var turned = Turned(window);
        return call =>
        {
            var (dy, w) = (call.Input(0), call.Input(1));
            var dx = call.Output(0, dy[0], dy[1], sizes[0], sizes[1]);
            if (turned is not null)
            {
                // With strides of 1 it is the convolution of dy with the kernel turned round, which writes each element once.
                var elements = window.KernelY * window.KernelX;
                Each(call, turned, dy, dx, (channel, plane, map, positions) =>
                {
                    var kernel = stackalloc float[elements];
                    Turn(w.Data + ((long)channel * elements), kernel, elements);
                    plane.LoadMap(map);
                    plane.Convolve(kernel, 0, NoBounds, positions);
                });
                return;
            }

            Each(call, window, dx, dy, (channel, plane, map, positions) =>
            {
                plane.Spread(positions, w.Data + ((long)channel * window.KernelY * window.KernelX));
                plane.TakeMap(map);
            });
        };
    });

    /// <summary>The gradient of w. Inputs: dy, x.</summary>
    public static CustomOperator OfWeights { get; } = new("DepthwiseWeightGradient", 2, 0, 1, static attributes =>
    {
        var window = PlaneWindow.Of(attributes);
        return call =>
        {
            var (dy, x) = (call.Input(0), call.Input(1));
            var elements = window.KernelY * window.KernelX;
            var dw = call.Output(0, x[1], 1, window.KernelY, window.KernelX);
            var sums = new double[x[1] * elements];
            Each(call, window, x, dy, (channel, plane, map, positions) =>
            {
                plane.LoadMap(map);
                fixed (double* sum = &sums[channel * elements])
                {
                    plane.Correlate(positions, sum);
                }
            });
            for (var i = 0; i < sums.Length; i++)
            {
                dw.Data[i] = (float)sums[i];
            }
        };
    });

    /// <summary>The bounds of what has none.</summary>
    public static (float Low, float High) NoBounds { get; } = (float.NegativeInfinity, float.PositiveInfinity);

    private delegate void PlaneWork(int channel, PhasedPlane plane, float* map, float* positions);

    /// <summary>The window of the gradient of x over dy where strides are 1 and the padding is not wider than the window, else null.</summary>
    public static PlaneWindow? Turned(PlaneWindow window)
    {
        var (y, x) = ((window.DilationY * (window.KernelY - 1)) - window.BeforeY, (window.DilationX * (window.KernelX - 1)) - window.BeforeX);
        return window is { StrideY: 1, StrideX: 1 } && y >= 0 && x >= 0 ? window with { BeforeY = y, BeforeX = x } : null;
    }

    /// <summary>A kernel turned round.</summary>
    public static void Turn(float* kernel, float* turned, int elements)
    {
        for (var element = 0; element < elements; element++)
        {
            turned[element] = kernel[elements - 1 - element];
        }
    }

    // The work on every image of every channel.
    private static void Each(KernelCall call, PlaneWindow window, KernelTensor maps, KernelTensor positions, PlaneWork work)
    {
        var (images, channels) = (maps[0], maps[1]);
        long map = maps[2] * maps[3], places = positions[2] * positions[3];
        Pieces.OfChannels(call, images, channels, map, (first, end) =>
        {
            using var plane = new PhasedPlane(window, maps[2], maps[3], positions[2], positions[3]);
            for (var image = 0; image < images; image++)
            {
                for (var channel = first; channel < end; channel++)
                {
                    var index = ((long)image * channels) + channel;
                    work(channel, plane, maps.Data + (index * map), positions.Data + (index * places));
                }
            }
        });
    }
}
