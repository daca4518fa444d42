using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace OnnxTransfer.Heads;

/// <content>The forms of 256 bits: AVX2 with its sixteen registers.</content>
internal static unsafe partial class MicroKernel
{
    /// <summary>The 256-bit form: at most 6 rows.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Multiply256<T>(T* a, nint lda, int rows, T* panel, int depth, T* c, nint ldc) where T : unmanaged
    {
        T* a0 = a, a1 = a + (lda * Math.Min(1, rows - 1)), a2 = a + (lda * Math.Min(2, rows - 1));
        T* a3 = a + (lda * Math.Min(3, rows - 1)), a4 = a + (lda * Math.Min(4, rows - 1)), a5 = a + (lda * Math.Min(5, rows - 1));
        Vector256<T> c00 = default, c01 = default, c10 = default, c11 = default, c20 = default, c21 = default;
        Vector256<T> c30 = default, c31 = default, c40 = default, c41 = default, c50 = default, c51 = default;
        for (nint i = 0; i < depth; i++)
        {
            var p0 = Vector256.Load(panel);
            var p1 = Vector256.Load(panel + Vector256<T>.Count);
            var x = Vector256.Create(a0[i]);
            c00 = MultiplyAdd(x, p0, c00);
            c01 = MultiplyAdd(x, p1, c01);
            x = Vector256.Create(a1[i]);
            c10 = MultiplyAdd(x, p0, c10);
            c11 = MultiplyAdd(x, p1, c11);
            x = Vector256.Create(a2[i]);
            c20 = MultiplyAdd(x, p0, c20);
            c21 = MultiplyAdd(x, p1, c21);
            x = Vector256.Create(a3[i]);
            c30 = MultiplyAdd(x, p0, c30);
            c31 = MultiplyAdd(x, p1, c31);
            x = Vector256.Create(a4[i]);
            c40 = MultiplyAdd(x, p0, c40);
            c41 = MultiplyAdd(x, p1, c41);
            x = Vector256.Create(a5[i]);
            c50 = MultiplyAdd(x, p0, c50);
            c51 = MultiplyAdd(x, p1, c51);
            panel += Vector256<T>.Count * 2;
        }

        Add(c, c00, c01);
        if (rows > 1) { Add(c + ldc, c10, c11); }
        if (rows > 2) { Add(c + (2 * ldc), c20, c21); }
        if (rows > 3) { Add(c + (3 * ldc), c30, c31); }
        if (rows > 4) { Add(c + (4 * ldc), c40, c41); }
        if (rows > 5) { Add(c + (5 * ldc), c50, c51); }
    }

    /// <summary>Half a panel (32 bytes wide), at most 12 rows: the last columns of X W' where K mod width is small.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void MultiplyHalf256<T>(T* a, nint lda, int rows, T* panel, int depth, T* c, nint ldc) where T : unmanaged
    {
        // The index ends at zero: with a bound for it, the pointers would be too many for sixteen registers.
        a += depth;
        T* a0 = a, a1 = a + (lda * Math.Min(1, rows - 1)), a2 = a + (lda * Math.Min(2, rows - 1));
        T* a3 = a + (lda * Math.Min(3, rows - 1)), a4 = a + (lda * Math.Min(4, rows - 1)), a5 = a + (lda * Math.Min(5, rows - 1));
        T* a6 = a + (lda * Math.Min(6, rows - 1)), a7 = a + (lda * Math.Min(7, rows - 1)), a8 = a + (lda * Math.Min(8, rows - 1));
        T* a9 = a + (lda * Math.Min(9, rows - 1)), a10 = a + (lda * Math.Min(10, rows - 1)), a11 = a + (lda * Math.Min(11, rows - 1));
        Vector256<T> c0 = default, c1 = default, c2 = default, c3 = default, c4 = default, c5 = default;
        Vector256<T> c6 = default, c7 = default, c8 = default, c9 = default, c10 = default, c11 = default;
        for (nint i = -depth; i < 0; i++)
        {
            var p = Vector256.Load(panel);
            c0 = MultiplyAdd(Vector256.Create(a0[i]), p, c0);
            c1 = MultiplyAdd(Vector256.Create(a1[i]), p, c1);
            c2 = MultiplyAdd(Vector256.Create(a2[i]), p, c2);
            c3 = MultiplyAdd(Vector256.Create(a3[i]), p, c3);
            c4 = MultiplyAdd(Vector256.Create(a4[i]), p, c4);
            c5 = MultiplyAdd(Vector256.Create(a5[i]), p, c5);
            c6 = MultiplyAdd(Vector256.Create(a6[i]), p, c6);
            c7 = MultiplyAdd(Vector256.Create(a7[i]), p, c7);
            c8 = MultiplyAdd(Vector256.Create(a8[i]), p, c8);
            c9 = MultiplyAdd(Vector256.Create(a9[i]), p, c9);
            c10 = MultiplyAdd(Vector256.Create(a10[i]), p, c10);
            c11 = MultiplyAdd(Vector256.Create(a11[i]), p, c11);
            panel += Vector256<T>.Count;
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
    private static Vector256<T> MultiplyAdd<T>(Vector256<T> x, Vector256<T> y, Vector256<T> sum) where T : unmanaged
    {
        if (!IsFused)
        {
            return (x * y) + sum;
        }

        return typeof(T) == typeof(float)
            ? Vector256.FusedMultiplyAdd(x.AsSingle(), y.AsSingle(), sum.AsSingle()).As<float, T>()
            : Vector256.FusedMultiplyAdd(x.AsDouble(), y.AsDouble(), sum.AsDouble()).As<double, T>();
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Add<T>(T* c, Vector256<T> sum) where T : unmanaged => (Vector256.Load(c) + sum).Store(c);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Add<T>(T* c, Vector256<T> low, Vector256<T> high) where T : unmanaged
    {
        Add(c, low);
        Add(c + Vector256<T>.Count, high);
    }
}
