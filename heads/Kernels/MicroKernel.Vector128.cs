using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.Arm;

namespace OnnxTransfer.Heads;

/// <content>
/// The forms of 128 bits: NEON, whose 32 registers hold the sums of a whole panel, and SSE, whose 16 hold those of half a
/// panel.
/// </content>
internal static unsafe partial class MicroKernel
{
    /// <summary>The 128-bit form for 32 registers, 24 of them sums: at most 6 rows.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Multiply128<T>(T* a, nint lda, int rows, T* panel, int depth, T* c, nint ldc) where T : unmanaged
    {
        T* a0 = a, a1 = a + (lda * Math.Min(1, rows - 1)), a2 = a + (lda * Math.Min(2, rows - 1));
        T* a3 = a + (lda * Math.Min(3, rows - 1)), a4 = a + (lda * Math.Min(4, rows - 1)), a5 = a + (lda * Math.Min(5, rows - 1));
        Vector128<T> c00 = default, c01 = default, c02 = default, c03 = default, c10 = default, c11 = default, c12 = default, c13 = default;
        Vector128<T> c20 = default, c21 = default, c22 = default, c23 = default, c30 = default, c31 = default, c32 = default, c33 = default;
        Vector128<T> c40 = default, c41 = default, c42 = default, c43 = default, c50 = default, c51 = default, c52 = default, c53 = default;
        for (nint i = 0; i < depth; i++)
        {
            var p0 = Vector128.Load(panel);
            var p1 = Vector128.Load(panel + Vector128<T>.Count);
            var p2 = Vector128.Load(panel + (2 * Vector128<T>.Count));
            var p3 = Vector128.Load(panel + (3 * Vector128<T>.Count));
            var x = Spread(a0[i]);
            c00 = MultiplyAdd(x, p0, c00);
            c01 = MultiplyAdd(x, p1, c01);
            c02 = MultiplyAdd(x, p2, c02);
            c03 = MultiplyAdd(x, p3, c03);
            x = Spread(a1[i]);
            c10 = MultiplyAdd(x, p0, c10);
            c11 = MultiplyAdd(x, p1, c11);
            c12 = MultiplyAdd(x, p2, c12);
            c13 = MultiplyAdd(x, p3, c13);
            x = Spread(a2[i]);
            c20 = MultiplyAdd(x, p0, c20);
            c21 = MultiplyAdd(x, p1, c21);
            c22 = MultiplyAdd(x, p2, c22);
            c23 = MultiplyAdd(x, p3, c23);
            x = Spread(a3[i]);
            c30 = MultiplyAdd(x, p0, c30);
            c31 = MultiplyAdd(x, p1, c31);
            c32 = MultiplyAdd(x, p2, c32);
            c33 = MultiplyAdd(x, p3, c33);
            x = Spread(a4[i]);
            c40 = MultiplyAdd(x, p0, c40);
            c41 = MultiplyAdd(x, p1, c41);
            c42 = MultiplyAdd(x, p2, c42);
            c43 = MultiplyAdd(x, p3, c43);
            x = Spread(a5[i]);
            c50 = MultiplyAdd(x, p0, c50);
            c51 = MultiplyAdd(x, p1, c51);
            c52 = MultiplyAdd(x, p2, c52);
            c53 = MultiplyAdd(x, p3, c53);
            panel += Vector128<T>.Count * 4;
        }

        Add(c, c00, c01, c02, c03);
        if (rows > 1) { Add(c + ldc, c10, c11, c12, c13); }
        if (rows > 2) { Add(c + (2 * ldc), c20, c21, c22, c23); }
        if (rows > 3) { Add(c + (3 * ldc), c30, c31, c32, c33); }
        if (rows > 4) { Add(c + (4 * ldc), c40, c41, c42, c43); }
        if (rows > 5) { Add(c + (5 * ldc), c50, c51, c52, c53); }
    }

    /// <summary>The 128-bit form for 16 registers: the left and the right half of the panel, any number of rows.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void MultiplyTwice128<T>(T* a, nint lda, int rows, T* panel, int depth, T* c, nint ldc) where T : unmanaged
    {
        var half = Width<T>() / 2;
        MultiplyHalf128(a, lda, rows, panel, 2 * half, depth, c, ldc);
        MultiplyHalf128(a, lda, rows, panel + half, 2 * half, depth, c + half, ldc);
    }

    /// <summary>The 128-bit form for half a panel whose rows begin <paramref name="stride"/> apart, any number of rows.</summary>
    public static void MultiplyHalf128<T>(T* a, nint lda, int rows, T* panel, nint stride, int depth, T* c, nint ldc)
        where T : unmanaged
    {
        for (; rows > 0; rows -= 6, a += 6 * lda, c += 6 * ldc)
        {
            MultiplySixHalf128(a, lda, Math.Min(6, rows), panel, stride, depth, c, ldc);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void MultiplySixHalf128<T>(T* a, nint lda, int rows, T* panel, nint stride, int depth, T* c, nint ldc)
        where T : unmanaged
    {
        T* a0 = a, a1 = a + (lda * Math.Min(1, rows - 1)), a2 = a + (lda * Math.Min(2, rows - 1));
        T* a3 = a + (lda * Math.Min(3, rows - 1)), a4 = a + (lda * Math.Min(4, rows - 1)), a5 = a + (lda * Math.Min(5, rows - 1));
        Vector128<T> c00 = default, c01 = default, c10 = default, c11 = default, c20 = default, c21 = default;
        Vector128<T> c30 = default, c31 = default, c40 = default, c41 = default, c50 = default, c51 = default;
        for (nint i = 0; i < depth; i++)
        {
            var p0 = Vector128.Load(panel);
            var p1 = Vector128.Load(panel + Vector128<T>.Count);
            var x = Spread(a0[i]);
            c00 = MultiplyAdd(x, p0, c00);
            c01 = MultiplyAdd(x, p1, c01);
            x = Spread(a1[i]);
            c10 = MultiplyAdd(x, p0, c10);
            c11 = MultiplyAdd(x, p1, c11);
            x = Spread(a2[i]);
            c20 = MultiplyAdd(x, p0, c20);
            c21 = MultiplyAdd(x, p1, c21);
            x = Spread(a3[i]);
            c30 = MultiplyAdd(x, p0, c30);
            c31 = MultiplyAdd(x, p1, c31);
            x = Spread(a4[i]);
            c40 = MultiplyAdd(x, p0, c40);
            c41 = MultiplyAdd(x, p1, c41);
            x = Spread(a5[i]);
            c50 = MultiplyAdd(x, p0, c50);
            c51 = MultiplyAdd(x, p1, c51);
            panel += stride;
        }

        Add(c, c00, c01);
        if (rows > 1) { Add(c + ldc, c10, c11); }
        if (rows > 2) { Add(c + (2 * ldc), c20, c21); }
        if (rows > 3) { Add(c + (3 * ldc), c30, c31); }
        if (rows > 4) { Add(c + (4 * ldc), c40, c41); }
        if (rows > 5) { Add(c + (5 * ldc), c50, c51); }
    }

    // NEON multiplies by an element of a vector: spreading it first would cost a fifth of the multiply-adds' pipes.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector128<T> Spread<T>(T x) where T : unmanaged =>
        AdvSimd.Arm64.IsSupported ? Vector128.CreateScalarUnsafe(x) : Vector128.Create(x);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector128<T> MultiplyAdd<T>(Vector128<T> spread, Vector128<T> y, Vector128<T> sum) where T : unmanaged
    {
        if (!IsFused)
        {
            return (spread * y) + sum;
        }

        if (typeof(T) == typeof(float))
        {
            var (x, p, c) = (spread.AsSingle(), y.AsSingle(), sum.AsSingle());
            return (AdvSimd.Arm64.IsSupported
                ? AdvSimd.Arm64.FusedMultiplyAddBySelectedScalar(c, p, x, 0)
                : Vector128.FusedMultiplyAdd(x, p, c)).As<float, T>();
        }
        else
        {
            var (x, p, c) = (spread.AsDouble(), y.AsDouble(), sum.AsDouble());
            return (AdvSimd.Arm64.IsSupported
                ? AdvSimd.Arm64.FusedMultiplyAddBySelectedScalar(c, p, x, 0)
                : Vector128.FusedMultiplyAdd(x, p, c)).As<double, T>();
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Add<T>(T* c, Vector128<T> first, Vector128<T> second, Vector128<T> third, Vector128<T> fourth) where T : unmanaged
    {
        Add(c, first, second);
        Add(c + (2 * Vector128<T>.Count), third, fourth);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Add<T>(T* c, Vector128<T> first, Vector128<T> second) where T : unmanaged
    {
        (Vector128.Load(c) + first).Store(c);
        (Vector128.Load(c + Vector128<T>.Count) + second).Store(c + Vector128<T>.Count);
    }
}
