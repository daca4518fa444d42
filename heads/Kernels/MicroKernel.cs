using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.Arm;
using System.Runtime.Intrinsics.X86;

namespace OnnxTransfer.Heads;

/// <summary>
/// The innermost product: C += A P, where A has a few rows, P is a packed panel of 64 bytes (16 float32 or 8 float64)
/// by <c>depth</c>, and C lies in registers meanwhile. Both products of a pass, X W' and S' X, are made of it.
/// </summary>
/// <remarks>
/// <para>The vector runs along the panel, so every number of C is one chain of multiply-adds in the order of the depth:
/// all forms (vectors of 512, 256 and 128 bits, and no vectors) give the same bits. The chain is fused where the
/// processor can do that, and rounds twice where it cannot (<see cref="IsFused"/>).</para>
/// <para>Twelve accumulators hide the latency of two multiply-add units (Goto and van de Geijn, 2008): 6 rows x 2 vectors
/// of 256 bits, 12 rows x 1 of 512 bits. ARM64 has processors with four such units and 32 registers: 6 rows x 4 vectors.
/// Rows that are not there read the last row and are not written.</para>
/// </remarks>
internal static unsafe partial class MicroKernel
{
    /// <summary>Bytes in a row of a panel.</summary>
    public const int PanelBytes = 64;

    /// <summary>Rows of A that one call of <see cref="MultiplyHalf"/> takes at most.</summary>
    public const int HalfHeight = 12;

    /// <summary>
    /// Whether x y + z is rounded once. Without the instruction, the routine that .NET calls for the same result is some 40
    /// times slower than a product and a sum.
    /// </summary>
    public static bool IsFused => Fma.IsSupported || AdvSimd.IsSupported;

    /// <summary>Rows of A that one call takes at most.</summary>
    public static int Height => Vector512.IsHardwareAccelerated ? 12 : 6;

    /// <summary>Numbers in a row of a panel.</summary>
    public static int Width<T>() where T : unmanaged => PanelBytes / sizeof(T);

    /// <summary>C[rows x width] += A[rows x depth] P[depth x width]; lda and ldc are the strides of A's and C's rows.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Multiply<T>(T* a, nint lda, int rows, T* panel, int depth, T* c, nint ldc)
        where T : unmanaged, IFloatingPointIeee754<T>
    {
        if (Vector512.IsHardwareAccelerated)
        {
            Multiply512(a, lda, rows, panel, depth, c, ldc);
        }
        else if (Vector256.IsHardwareAccelerated)
        {
            Multiply256(a, lda, rows, panel, depth, c, ldc);
        }
        else if (AdvSimd.IsSupported)
        {
            Multiply128(a, lda, rows, panel, depth, c, ldc);
        }
        else if (Vector128.IsHardwareAccelerated)
        {
            MultiplyTwice128(a, lda, rows, panel, depth, c, ldc);
        }
        else
        {
            MultiplyScalar(a, lda, rows, panel, depth, c, ldc, Width<T>());
        }
    }

    /// <summary>The same with half a panel (32 bytes wide): the last columns of X W' where K mod width is small.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void MultiplyHalf<T>(T* a, nint lda, int rows, T* panel, int depth, T* c, nint ldc)
        where T : unmanaged, IFloatingPointIeee754<T>
    {
        if (Vector256.IsHardwareAccelerated)
        {
            MultiplyHalf256(a, lda, rows, panel, depth, c, ldc);
        }
        else if (Vector128.IsHardwareAccelerated)
        {
            MultiplyHalf128(a, lda, rows, panel, Width<T>() / 2, depth, c, ldc);
        }
        else
        {
            MultiplyScalar(a, lda, rows, panel, depth, c, ldc, Width<T>() / 2);
        }
    }

    /// <summary>The form without vectors, for panels of any width that is a multiple of four and any number of rows.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void MultiplyScalar<T>(T* a, nint lda, int rows, T* panel, int depth, T* c, nint ldc, int width)
        where T : unmanaged, IFloatingPointIeee754<T>
    {
        for (var row = 0; row < rows; row++, a += lda, c += ldc)
        {
            for (var column = 0; column < width; column += 4)
            {
                var p = panel + column;
                T c0 = T.Zero, c1 = T.Zero, c2 = T.Zero, c3 = T.Zero;
                for (nint i = 0; i < depth; i++, p += width)
                {
                    c0 = MultiplyAdd(a[i], p[0], c0);
                    c1 = MultiplyAdd(a[i], p[1], c1);
                    c2 = MultiplyAdd(a[i], p[2], c2);
                    c3 = MultiplyAdd(a[i], p[3], c3);
                }

                c[column] += c0;
                c[column + 1] += c1;
                c[column + 2] += c2;
                c[column + 3] += c3;
            }
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static T MultiplyAdd<T>(T x, T y, T sum) where T : IFloatingPointIeee754<T> =>
        IsFused ? T.FusedMultiplyAdd(x, y, sum) : (x * y) + sum;
}
