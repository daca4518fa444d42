using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace OnnxTransfer.Heads;

/// <content>The form of 512 bits: AVX-512.</content>
internal static unsafe partial class MicroKernel
{
    /// <summary>The 512-bit form: at most 12 rows.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Multiply512<T>(T* a, nint lda, int rows, T* panel, int depth, T* c, nint ldc) where T : unmanaged
    {
        // The index ends at zero: with a bound for it, the pointers would be too many for sixteen registers.
        a += depth;
        T* a0 = a, a1 = a + (lda * Math.Min(1, rows - 1)), a2 = a + (lda * Math.Min(2, rows - 1));
        T* a3 = a + (lda * Math.Min(3, rows - 1)), a4 = a + (lda * Math.Min(4, rows - 1)), a5 = a + (lda * Math.Min(5, rows - 1));
        T* a6 = a + (lda * Math.Min(6, rows - 1)), a7 = a + (lda * Math.Min(7, rows - 1)), a8 = a + (lda * Math.Min(8, rows - 1));
        T* a9 = a + (lda * Math.Min(9, rows - 1)), a10 = a + (lda * Math.Min(10, rows - 1)), a11 = a + (lda * Math.Min(11, rows - 1));
        Vector512<T> c0 = default, c1 = default, c2 = default, c3 = default, c4 = default, c5 = default;
        Vector512<T> c6 = default, c7 = default, c8 = default, c9 = default, c10 = default, c11 = default;
        for (nint i = -depth; i < 0; i++)
        {
            var p = Vector512.Load(panel);
            c0 = MultiplyAdd(Vector512.Create(a0[i]), p, c0);
            c1 = MultiplyAdd(Vector512.Create(a1[i]), p, c1);
            c2 = MultiplyAdd(Vector512.Create(a2[i]), p, c2);
            c3 = MultiplyAdd(Vector512.Create(a3[i]), p, c3);
            c4 = MultiplyAdd(Vector512.Create(a4[i]), p, c4);
            c5 = MultiplyAdd(Vector512.Create(a5[i]), p, c5);
            c6 = MultiplyAdd(Vector512.Create(a6[i]), p, c6);
            c7 = MultiplyAdd(Vector512.Create(a7[i]), p, c7);
            c8 = MultiplyAdd(Vector512.Create(a8[i]), p, c8);
            c9 = MultiplyAdd(Vector512.Create(a9[i]), p, c9);
            c10 = MultiplyAdd(Vector512.Create(a10[i]), p, c10);
            c11 = MultiplyAdd(Vector512.Create(a11[i]), p, c11);
            panel += Vector512<T>.Count;
        }

        Add(c, c0);
        if (rows > 1) { Add(c + ldc, c1); }
        if (rows > 2) { Add(c + (2 * ldc), c2); }
        if (rows > 3) { Add(c + (3 * ldc), c3); }
        if (rows > 4) { Add(c + (4 * ldc), c4); }
        if (rows > 5) { Add(c + (5 * ldc), c5); }
        if (rows > 6) { Add(c + (6 * ldc), c6); }
        if (rows > 7) { Add(c + (7 * ldc), c7); }
        if (rows > 8) { Add(c + (8 * ldc), c8); }
        if (rows > 9) { Add(c + (9 * ldc), c9); }
        if (rows > 10) { Add(c + (10 * ldc), c10); }
        if (rows > 11) { Add(c + (11 * ldc), c11); }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector512<T> MultiplyAdd<T>(Vector512<T> x, Vector512<T> y, Vector512<T> sum) where T : unmanaged
    {
        if (!IsFused)
        {
            return (x * y) + sum;
        }

        return typeof(T) == typeof(float)
            ? Vector512.FusedMultiplyAdd(x.AsSingle(), y.AsSingle(), sum.AsSingle()).As<float, T>()
            : Vector512.FusedMultiplyAdd(x.AsDouble(), y.AsDouble(), sum.AsDouble()).As<double, T>();
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Add<T>(T* c, Vector512<T> sum) where T : unmanaged => (Vector512.Load(c) + sum).Store(c);
}
