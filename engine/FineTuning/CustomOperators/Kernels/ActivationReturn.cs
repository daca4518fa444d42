using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace OnnxTransfer.FineTuning;

/// <summary>
/// The gradient of an activation between two bounds and that of the intercept before it, in one pass: dx = dy where low &lt; y &lt; high, else 0,
/// and the sum of dx over images and positions. Inputs: dy and y [N, C, ...]; attributes low, high. On a bound the gradient is 0, as that of
/// PyTorch's ReLU and ReLU6 is.
/// </summary>
internal static unsafe class ActivationReturn
{
    /// <summary>The operator.</summary>
    public static CustomOperator Operator { get; } = new("ActivationGradient", 2, 0, 2, static attributes =>
    {
        float low = attributes.Number("low"), high = attributes.Number("high");
        return call =>
        {
            var (dy, y) = (call.Input(0), call.Input(1));
            var (images, channels) = (y[0], y[1]);
            var plane = (int)(y.Count / Math.Max(images * channels, 1));
            KernelTensor dx = call.Output(0, y.Dims), sums = call.Output(1, channels);
            Pieces.OfChannels(call, images, channels, plane, (first, end) =>
            {
                var totals = stackalloc double[Pieces.MostChannels];
                for (var image = 0; image < images; image++)
                {
                    for (var channel = first; channel < end; channel++)
                    {
                        var start = (((long)image * channels) + channel) * plane;
                        totals[channel - first] += Pass(dy.Data + start, y.Data + start, dx.Data + start, plane, low, high);
                    }
                }

                for (var channel = first; channel < end; channel++)
                {
                    sums.Data[channel] = (float)totals[channel - first];
                }
            });
        };
    }) { IsInPlace = true };

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static double Pass(float* dy, float* y, float* dx, int count, float low, float high)
    {
        Vector256<float> a = default, b = default, least = Vector256.Create(low), most = Vector256.Create(high);
        var i = 0;
        for (; i <= count - 16; i += 16)
        {
            Vector256<float> y0 = Vector256.Load(y + i), y1 = Vector256.Load(y + i + 8);
            var g0 = Vector256.Load(dy + i) & Vector256.GreaterThan(y0, least) & Vector256.LessThan(y0, most);
            var g1 = Vector256.Load(dy + i + 8) & Vector256.GreaterThan(y1, least) & Vector256.LessThan(y1, most);
            g0.Store(dx + i);
            g1.Store(dx + i + 8);
            a += g0;
            b += g1;
        }

        double sum = Vector256.Sum(a + b);
        for (; i < count; i++)
        {
            sum += dx[i] = y[i] > low && y[i] < high ? dy[i] : 0;
        }

        return sum;
    }
}
