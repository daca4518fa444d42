using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace OnnxTransfer.Heads;

/// <summary>Sums over long vectors in a fixed order (eight interleaved partial sums), whatever the machine's vectors.</summary>
/// <remarks>Where vectors have 128 bits, the compiler makes two of each; products are rounded before they are added.</remarks>
internal static class VectorArithmetic
{
    /// <summary>Sum of x_i y_i in float64.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static double Dot(ReadOnlySpan<double> x, ReadOnlySpan<double> y)
    {
        ref var x0 = ref MemoryMarshal.GetReference(x);
        ref var y0 = ref MemoryMarshal.GetReference(y[..x.Length]);
        Vector256<double> low = default, high = default;
        var i = 0;
        for (; i <= x.Length - 8; i += 8)
        {
            low += Vector256.LoadUnsafe(ref x0, (nuint)i) * Vector256.LoadUnsafe(ref y0, (nuint)i);
            high += Vector256.LoadUnsafe(ref x0, (nuint)i + 4) * Vector256.LoadUnsafe(ref y0, (nuint)i + 4);
        }

        var sum = Vector256.Sum(low + high);
        for (; i < x.Length; i++)
        {
            sum += x[i] * y[i];
        }

        return sum;
    }

    /// <summary>Sum of x_i y_i, the codes widened to float64 first.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static double Dot(ReadOnlySpan<float> x, ReadOnlySpan<double> y)
    {
        ref var x0 = ref MemoryMarshal.GetReference(x);
        ref var y0 = ref MemoryMarshal.GetReference(y[..x.Length]);
        Vector256<double> low = default, high = default;
        var i = 0;
        for (; i <= x.Length - 8; i += 8)
        {
            var (first, second) = Vector256.Widen(Vector256.LoadUnsafe(ref x0, (nuint)i));
            low += first * Vector256.LoadUnsafe(ref y0, (nuint)i);
            high += second * Vector256.LoadUnsafe(ref y0, (nuint)i + 4);
        }

        var sum = Vector256.Sum(low + high);
        for (; i < x.Length; i++)
        {
            sum += x[i] * y[i];
        }

        return sum;
    }

    /// <summary>Sum of (a x_i - z_i) y_i in float64; z may be empty: zeros.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static double Dot(double a, ReadOnlySpan<float> x, ReadOnlySpan<float> z, ReadOnlySpan<double> y)
    {
        if (z.IsEmpty)
        {
            return a * Dot(x, y);
        }

        ref var x0 = ref MemoryMarshal.GetReference(x);
        ref var z0 = ref MemoryMarshal.GetReference(z[..x.Length]);
        ref var y0 = ref MemoryMarshal.GetReference(y[..x.Length]);
        var factor = Vector256.Create(a);
        Vector256<double> low = default, high = default;
        var i = 0;
        for (; i <= x.Length - 8; i += 8)
        {
            var (first, second) = Vector256.Widen(Vector256.LoadUnsafe(ref x0, (nuint)i));
            var (firstLess, secondLess) = Vector256.Widen(Vector256.LoadUnsafe(ref z0, (nuint)i));
            low += ((factor * first) - firstLess) * Vector256.LoadUnsafe(ref y0, (nuint)i);
            high += ((factor * second) - secondLess) * Vector256.LoadUnsafe(ref y0, (nuint)i + 4);
        }

        var sum = Vector256.Sum(low + high);
        for (; i < x.Length; i++)
        {
            sum += ((a * x[i]) - z[i]) * y[i];
        }

        return sum;
    }

    /// <summary>Sum of x_i^2, the codes widened to float64 first.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static double SquaredNorm(ReadOnlySpan<float> x)
    {
        ref var x0 = ref MemoryMarshal.GetReference(x);
        Vector256<double> low = default, high = default;
        var i = 0;
        for (; i <= x.Length - 8; i += 8)
        {
            var (first, second) = Vector256.Widen(Vector256.LoadUnsafe(ref x0, (nuint)i));
            low += first * first;
            high += second * second;
        }

        var sum = Vector256.Sum(low + high);
        for (; i < x.Length; i++)
        {
            sum += (double)x[i] * x[i];
        }

        return sum;
    }

    /// <summary>y += a x.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void AddScaled(double a, ReadOnlySpan<double> x, Span<double> y)
    {
        ref var x0 = ref MemoryMarshal.GetReference(x);
        ref var y0 = ref MemoryMarshal.GetReference(y[..x.Length]);
        var factor = Vector256.Create(a);
        var i = 0;
        for (; i <= x.Length - 4; i += 4)
        {
            var sum = Vector256.LoadUnsafe(ref y0, (nuint)i) + (factor * Vector256.LoadUnsafe(ref x0, (nuint)i));
            sum.StoreUnsafe(ref y0, (nuint)i);
        }

        for (; i < x.Length; i++)
        {
            y[i] += a * x[i];
        }
    }

    /// <summary>y += a x, the codes widened to float64 first.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void AddScaled(double a, ReadOnlySpan<float> x, Span<double> y)
    {
        ref var x0 = ref MemoryMarshal.GetReference(x);
        ref var y0 = ref MemoryMarshal.GetReference(y[..x.Length]);
        var factor = Vector256.Create(a);
        var i = 0;
        for (; i <= x.Length - 8; i += 8)
        {
            var (first, second) = Vector256.Widen(Vector256.LoadUnsafe(ref x0, (nuint)i));
            (Vector256.LoadUnsafe(ref y0, (nuint)i) + (factor * first)).StoreUnsafe(ref y0, (nuint)i);
            (Vector256.LoadUnsafe(ref y0, (nuint)i + 4) + (factor * second)).StoreUnsafe(ref y0, (nuint)i + 4);
        }

        for (; i < x.Length; i++)
        {
            y[i] += a * x[i];
        }
    }

    /// <summary>y += b (a x - z) in float64; z may be empty: zeros.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void AddScaled(double b, double a, ReadOnlySpan<float> x, ReadOnlySpan<float> z, Span<double> y)
    {
        if (z.IsEmpty)
        {
            AddScaled(b * a, x, y);
            return;
        }

        ref var x0 = ref MemoryMarshal.GetReference(x);
        ref var z0 = ref MemoryMarshal.GetReference(z[..x.Length]);
        ref var y0 = ref MemoryMarshal.GetReference(y[..x.Length]);
        var (factor, multiple) = (Vector256.Create(a), Vector256.Create(b));
        var i = 0;
        for (; i <= x.Length - 8; i += 8)
        {
            var (first, second) = Vector256.Widen(Vector256.LoadUnsafe(ref x0, (nuint)i));
            var (firstLess, secondLess) = Vector256.Widen(Vector256.LoadUnsafe(ref z0, (nuint)i));
            (Vector256.LoadUnsafe(ref y0, (nuint)i) + (multiple * ((factor * first) - firstLess))).StoreUnsafe(ref y0, (nuint)i);
            (Vector256.LoadUnsafe(ref y0, (nuint)i + 4) + (multiple * ((factor * second) - secondLess))).StoreUnsafe(ref y0, (nuint)i + 4);
        }

        for (; i < x.Length; i++)
        {
            y[i] += b * ((a * x[i]) - z[i]);
        }
    }

    /// <summary>y += x, the numbers of x widened to float64.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void AddWidened<T>(ReadOnlySpan<T> x, Span<double> y) where T : unmanaged, IFloatingPointIeee754<T>
    {
        var i = 0;
        if (typeof(T) == typeof(float))
        {
            ref var x0 = ref Unsafe.As<T, float>(ref MemoryMarshal.GetReference(x));
            ref var y0 = ref MemoryMarshal.GetReference(y[..x.Length]);
            for (; i <= x.Length - 8; i += 8)
            {
                var (first, second) = Vector256.Widen(Vector256.LoadUnsafe(ref x0, (nuint)i));
                (Vector256.LoadUnsafe(ref y0, (nuint)i) + first).StoreUnsafe(ref y0, (nuint)i);
                (Vector256.LoadUnsafe(ref y0, (nuint)i + 4) + second).StoreUnsafe(ref y0, (nuint)i + 4);
            }
        }

        for (; i < x.Length; i++)
        {
            y[i] += double.CreateTruncating(x[i]);
        }
    }

    /// <summary>result = x - y in the precision of the result; y may be empty: zeros.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Subtract<T>(ReadOnlySpan<float> x, ReadOnlySpan<float> y, Span<T> result) where T : unmanaged, IFloatingPointIeee754<T>
    {
        ref var x0 = ref MemoryMarshal.GetReference(x);
        ref var y0 = ref MemoryMarshal.GetReference(y.IsEmpty ? y : y[..x.Length]);
        ref var result0 = ref MemoryMarshal.GetReference(result[..x.Length]);
        var i = 0;
        for (; i <= x.Length - 8; i += 8)
        {
            var from = Vector256.LoadUnsafe(ref x0, (nuint)i);
            var less = y.IsEmpty ? default : Vector256.LoadUnsafe(ref y0, (nuint)i);
            if (typeof(T) == typeof(float))
            {
                (from - less).StoreUnsafe(ref Unsafe.As<T, float>(ref result0), (nuint)i);
            }
            else
            {
                ref var wide0 = ref Unsafe.As<T, double>(ref result0);
                (Vector256.WidenLower(from) - Vector256.WidenLower(less)).StoreUnsafe(ref wide0, (nuint)i);
                (Vector256.WidenUpper(from) - Vector256.WidenUpper(less)).StoreUnsafe(ref wide0, (nuint)i + 4);
            }
        }

        for (; i < x.Length; i++)
        {
            result[i] = T.CreateTruncating(x[i]) - (y.IsEmpty ? T.Zero : T.CreateTruncating(y[i]));
        }
    }

    /// <summary>result = a x - y in float64, rounded to the precision of the result; y may be empty: zeros.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void SubtractFromScaled<T>(double a, ReadOnlySpan<float> x, ReadOnlySpan<float> y, Span<T> result)
        where T : unmanaged, IFloatingPointIeee754<T>
    {
        ref var x0 = ref MemoryMarshal.GetReference(x);
        ref var y0 = ref MemoryMarshal.GetReference(y.IsEmpty ? y : y[..x.Length]);
        ref var result0 = ref MemoryMarshal.GetReference(result[..x.Length]);
        var factor = Vector256.Create(a);
        var i = 0;
        for (; i <= x.Length - 8; i += 8)
        {
            var (first, second) = Vector256.Widen(Vector256.LoadUnsafe(ref x0, (nuint)i));
            var (firstLess, secondLess) = Vector256.Widen(y.IsEmpty ? default : Vector256.LoadUnsafe(ref y0, (nuint)i));
            (first, second) = ((factor * first) - firstLess, (factor * second) - secondLess);
            if (typeof(T) == typeof(float))
            {
                Vector256.Narrow(first, second).StoreUnsafe(ref Unsafe.As<T, float>(ref result0), (nuint)i);
            }
            else
            {
                ref var wide0 = ref Unsafe.As<T, double>(ref result0);
                first.StoreUnsafe(ref wide0, (nuint)i);
                second.StoreUnsafe(ref wide0, (nuint)i + 4);
            }
        }

        for (; i < x.Length; i++)
        {
            result[i] = T.CreateTruncating((a * x[i]) - (y.IsEmpty ? 0 : y[i]));
        }
    }

    /// <summary>result = (a x - mean) scale in float64, rounded to float32.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Standardize(
        double a, ReadOnlySpan<float> x, ReadOnlySpan<double> means, ReadOnlySpan<double> scales, Span<float> result)
    {
        ref var x0 = ref MemoryMarshal.GetReference(x);
        ref var mean0 = ref MemoryMarshal.GetReference(means[..x.Length]);
        ref var scale0 = ref MemoryMarshal.GetReference(scales[..x.Length]);
        ref var result0 = ref MemoryMarshal.GetReference(result[..x.Length]);
        var factor = Vector256.Create(a);
        var i = 0;
        for (; i <= x.Length - 8; i += 8)
        {
            var (first, second) = Vector256.Widen(Vector256.LoadUnsafe(ref x0, (nuint)i));
            first = ((factor * first) - Vector256.LoadUnsafe(ref mean0, (nuint)i)) * Vector256.LoadUnsafe(ref scale0, (nuint)i);
            second = ((factor * second) - Vector256.LoadUnsafe(ref mean0, (nuint)i + 4)) * Vector256.LoadUnsafe(ref scale0, (nuint)i + 4);
            Vector256.Narrow(first, second).StoreUnsafe(ref result0, (nuint)i);
        }

        for (; i < x.Length; i++)
        {
            result[i] = (float)(((a * x[i]) - means[i]) * scales[i]);
        }
    }

    /// <summary>Whether every number is finite.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static bool AllFinite(ReadOnlySpan<float> x)
    {
        var nan = Vector256<float>.Zero;
        ref var x0 = ref MemoryMarshal.GetReference(x);
        var i = 0;
        for (; i <= x.Length - 8; i += 8)
        {
            nan += Vector256.LoadUnsafe(ref x0, (nuint)i) * Vector256<float>.Zero;
        }

        var sum = Vector256.Sum(nan);
        for (; i < x.Length; i++)
        {
            sum += x[i] * 0;
        }

        return sum == 0;
    }
}
