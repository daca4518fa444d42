using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace OnnxTransfer.FineTuning;

/// <summary>
/// y = min(max(u, low), high) with u = s r (x - m) + b and r = 1 / √(v + e). Inputs: x [N, C, ...], s, b, m, v [C]; attributes epsilon,
/// low, high.
/// </summary>
internal static unsafe class Normalisation
{
    /// <summary>The operator.</summary>
    public static CustomOperator Operator { get; } = new("Normalisation", 5, 0, 1, static attributes =>
    {
        float epsilon = attributes.Number("epsilon"), low = attributes.Number("low"), high = attributes.Number("high");
        return call =>
        {
            KernelTensor x = call.Input(0), scale = call.Input(1), shift = call.Input(2), mean = call.Input(3), variance = call.Input(4);
            var (images, channels) = (x[0], x[1]);
            var plane = (int)(x.Count / Math.Max(images * channels, 1));
            var y = call.Output(0, x.Dims);
            Pieces.OfChannels(call, images, channels, plane, (first, end) =>
            {
                for (var image = 0; image < images; image++)
                {
                    for (var channel = first; channel < end; channel++)
                    {
                        var line = NormalisationLine.Of(scale.Data[channel], shift.Data[channel], mean.Data[channel], variance.Data[channel], epsilon);
                        var start = (((long)image * channels) + channel) * plane;
                        Clip(x.Data + start, y.Data + start, plane, line, low, high);
                    }
                }
            });
        };
    });

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Clip(float* x, float* y, int count, NormalisationLine line, float low, float high)
    {
        Vector256<float> slope = Vector256.Create(line.Slope), constant = Vector256.Create(line.Constant), least = Vector256.Create(low), most = Vector256.Create(high);
        var i = 0;
        for (; i <= count - 8; i += 8)
        {
            Vector256.Min(Vector256.Max(Vector256.FusedMultiplyAdd(slope, Vector256.Load(x + i), constant), least), most).Store(y + i);
        }

        for (; i < count; i++)
        {
            y[i] = MathF.Min(MathF.Max(line.At(x[i]), low), high);
        }
    }
}

/// <summary>A channel's normalisation as it is computed there and back: u = slope x + constant, rounded once.</summary>
/// <param name="Slope">s r.</param>
/// <param name="Constant">b - m s r.</param>
internal readonly record struct NormalisationLine(float Slope, float Constant)
{
    /// <summary>The line of a channel.</summary>
    public static NormalisationLine Of(float scale, float shift, float mean, float variance, float epsilon)
    {
        var slope = scale / Math.Sqrt(variance + (double)epsilon);
        return new((float)slope, (float)(shift - (mean * slope)));
    }

    /// <summary>u.</summary>
    public float At(float x) => MathF.FusedMultiplyAdd(Slope, x, Constant);
}
