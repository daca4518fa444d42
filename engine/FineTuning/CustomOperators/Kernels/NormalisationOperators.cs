using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace OnnxTransfer.FineTuning;

/// <summary>The mean and the variance, divided by the number of values, of each channel. Input: x [N, C, ...].</summary>
internal static unsafe class BatchStatistics
{
    /// <summary>The operator.</summary>
    public static CustomOperator Operator { get; } = new("BatchStatistics", 1, 0, 2, static _ => static call =>
    {
        var x = call.Input(0);
        var (images, channels) = (x[0], x[1]);
        var plane = (int)(x.Count / Math.Max(images * channels, 1));
        var (mean, variance) = (call.Output(0, channels), call.Output(1, channels));
        call.Parallel(channels, channel =>
        {
            double sum = 0, squares = 0;
            for (var image = 0; image < images; image++)
            {
                sum += ChannelSums.Sum(x.Data + ((((long)image * channels) + channel) * plane), plane);
            }

            var centre = (float)(sum / ((double)images * plane));
            for (var image = 0; image < images; image++)
            {
                squares += ChannelSums.Squares(x.Data + ((((long)image * channels) + channel) * plane), centre, plane);
            }

            (mean.Data[channel], variance.Data[channel]) = (centre, (float)(squares / ((double)images * plane)));
        });
    });
}

/// <summary>
/// The gradients of a batch normalisation by x, scale and shift, in two passes. With x' = x - m and r = 1 / √(v + e): db = sum dy,
/// ds = r sum(dy x'), dx = s r dy, and where m and v are the batch's dx = s r (dy - db / M - x' r² sum(dy x') / M). Inputs: dy, x, s,
/// m, v; attributes epsilon, and batch: [1] where m and v are the batch's.
/// </summary>
internal static unsafe class NormalisationReturn
{
    /// <summary>The operator.</summary>
    public static CustomOperator Operator { get; } = new("NormalisationGradient", 5, 0, 3, static attributes =>
    {
        var (epsilon, batch) = (attributes.Number("epsilon"), attributes.Numbers("batch")[0] != 0);
        return call =>
        {
            KernelTensor dy = call.Input(0), x = call.Input(1), scale = call.Input(2), mean = call.Input(3), variance = call.Input(4);
            var (images, channels) = (x[0], x[1]);
            var plane = (int)(x.Count / Math.Max(images * channels, 1));
            KernelTensor dx = call.Output(0, x.Dims), ds = call.Output(1, channels), db = call.Output(2, channels);
            call.Parallel(channels, channel =>
            {
                var centre = mean.Data[channel];
                double shift = 0, product = 0;
                for (var image = 0; image < images; image++)
                {
                    var start = (((long)image * channels) + channel) * plane;
                    var (sum, other) = ChannelSums.Products(dy.Data + start, x.Data + start, centre, plane);
                    shift += sum;
                    product += other;
                }

                var rate = 1 / Math.Sqrt(variance.Data[channel] + (double)epsilon);
                var factor = scale.Data[channel] * rate;
                var share = batch ? factor / ((double)images * plane) : 0;
                var (slope, constant) = ((float)(-share * product * rate * rate), (float)(-share * shift));
                (ds.Data[channel], db.Data[channel]) = ((float)(product * rate), (float)shift);
                for (var image = 0; image < images; image++)
                {
                    var start = (((long)image * channels) + channel) * plane;
                    Combine(dy.Data + start, x.Data + start, dx.Data + start, plane, (float)factor, slope, centre, constant);
                }
            });
        };
    });

    // factor dy + slope (x - centre) + constant.
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Combine(float* dy, float* x, float* dx, int count, float factor, float slope, float centre, float constant)
    {
        var (f, s, c, k) = (Vector256.Create(factor), Vector256.Create(slope), Vector256.Create(centre), Vector256.Create(constant));
        var i = 0;
        if (slope == 0 && constant == 0)
        {
            for (; i <= count - 8; i += 8)
            {
                (f * Vector256.Load(dy + i)).Store(dx + i);
            }
        }

        for (; i <= count - 8; i += 8)
        {
            Vector256.FusedMultiplyAdd(f, Vector256.Load(dy + i), Vector256.FusedMultiplyAdd(s, Vector256.Load(x + i) - c, k)).Store(dx + i);
        }

        for (; i < count; i++)
        {
            dx[i] = (factor * dy[i]) + ((slope * (x[i] - centre)) + constant);
        }
    }
}
