using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace OnnxTransfer.FineTuning;

/// <summary>
/// All gradients of a depthwise convolution, and of the activation behind it, in one pass over its maps. With g = dy where low &lt; y &lt; high,
/// else 0, or g = dy where there is no y: dx, dw as <see cref="DepthwiseOperators"/> has them of g, and the sums of g over images and positions. On
/// a bound g is 0, as <see cref="ActivationReturn"/> has it. Inputs: dy, x, w, and y or none; attributes those of the window, sizes (the sides of x),
/// low, high.
/// </summary>
internal static unsafe class DepthwiseReturn
{
    /// <summary>The operator.</summary>
    public static CustomOperator Operator { get; } = new("DepthwiseGradient", 4, 1, 3, static attributes =>
    {
        var (window, sizes) = (PlaneWindow.Of(attributes), attributes.Numbers("sizes"));
        float low = attributes.Number("low"), high = attributes.Number("high");
        var (turned, elements) = (DepthwiseOperators.Turned(window), window.KernelY * window.KernelX);
        return call =>
        {
            KernelTensor dy = call.Input(0), x = call.Input(1), w = call.Input(2);
            var made = call.Optional(3) is { } y ? y.Data : null;
            var (images, channels, map, places) = (x[0], x[1], x[2] * x[3], (nint)(dy[2] * dy[3]));
            KernelTensor dx = call.Output(0, x.Dims), dw = call.Output(1, channels, 1, window.KernelY, window.KernelX), sums = call.Output(2, channels);
            Pieces.OfChannels(call, images, channels, map, (first, end) =>
            {
                using var seen = new PhasedPlane(window, x[2], x[3], dy[2], dy[3]);
                using var given = turned is null ? new PhasedPlane(window, x[2], x[3], dy[2], dy[3]) : new PhasedPlane(turned, dy[2], dy[3], x[2], x[3]);
                using var passed = Scratch.Rent(places);
                var kernel = stackalloc float[elements];
                var products = stackalloc double[Pieces.MostChannels * elements];
                var totals = stackalloc double[Pieces.MostChannels];
                new Span<double>(products, Pieces.MostChannels * elements).Clear();
                new Span<double>(totals, Pieces.MostChannels).Clear();
                for (var image = 0; image < images; image++)
                {
                    for (var channel = first; channel < end; channel++)
                    {
                        var index = ((nint)image * channels) + channel;
                        var weights = w.Data + ((nint)channel * elements);
                        totals[channel - first] += Pass(dy.Data + (index * places), made == null ? null : made + (index * places), passed.Start, (int)places, low, high);
                        seen.LoadMap(x.Data + (index * map));
                        seen.Correlate(passed.Start, products + ((channel - first) * elements));
                        if (turned is null)
                        {
                            given.Spread(passed.Start, weights);
                            given.TakeMap(dx.Data + (index * map));
                            continue;
                        }

                        DepthwiseOperators.Turn(weights, kernel, elements);
                        given.LoadMap(passed.Start);
                        given.Convolve(kernel, 0, DepthwiseOperators.NoBounds, dx.Data + (index * map));
                    }
                }

                for (var channel = first; channel < end; channel++)
                {
                    sums.Data[channel] = (float)totals[channel - first];
                    for (var element = 0; element < elements; element++)
                    {
                        dw.Data[((nint)channel * elements) + element] = (float)products[((channel - first) * elements) + element];
                    }
                }
            });
        };
    }) { IsInPlace = true };

    // Writes g and returns its sum.
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static double Pass(float* dy, float* y, float* g, int count, float low, float high)
    {
        Vector256<float> a = default, least = Vector256.Create(low), most = Vector256.Create(high);
        var i = 0;
        for (; i <= count - 8; i += 8)
        {
            var value = Vector256.Load(dy + i);
            if (y != null)
            {
                var result = Vector256.Load(y + i);
                value &= Vector256.GreaterThan(result, least) & Vector256.LessThan(result, most);
            }

            value.Store(g + i);
            a += value;
        }

        double sum = Vector256.Sum(a);
        for (; i < count; i++)
        {
            sum += g[i] = y == null || (y[i] > low && y[i] < high) ? dy[i] : 0;
        }

        return sum;
    }
}
