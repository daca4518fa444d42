using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace OnnxTransfer.FineTuning;

/// <summary>Sums over a plane, in 32 float32 lanes; planes are added up in float64.</summary>
internal static unsafe class ChannelSums
{
    /// <summary>The sum of x.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static double Sum(float* x, int count)
    {
        Vector256<float> a = default, b = default, c = default, d = default;
        var i = 0;
        for (; i <= count - 32; i += 32)
        {
            a += Vector256.Load(x + i);
            b += Vector256.Load(x + i + 8);
            c += Vector256.Load(x + i + 16);
            d += Vector256.Load(x + i + 24);
        }

        double sum = Vector256.Sum(a + b + (c + d));
        for (; i < count; i++)
        {
            sum += x[i];
        }

        return sum;
    }

    /// <summary>The sum of (x - mean)².</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static double Squares(float* x, float mean, int count)
    {
        Vector256<float> a = default, b = default;
        var centre = Vector256.Create(mean);
        var i = 0;
        for (; i <= count - 16; i += 16)
        {
            var (first, second) = (Vector256.Load(x + i) - centre, Vector256.Load(x + i + 8) - centre);
            a = Vector256.FusedMultiplyAdd(first, first, a);
            b = Vector256.FusedMultiplyAdd(second, second, b);
        }

        double sum = Vector256.Sum(a + b);
        for (; i < count; i++)
        {
            sum += (x[i] - mean) * (x[i] - mean);
        }

        return sum;
    }
}
