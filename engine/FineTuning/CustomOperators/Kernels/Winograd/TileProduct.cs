using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace OnnxTransfer.FineTuning;

/// <summary>C += A' P in registers, for A whose depth lies along its rows: what the micro-kernel of the heads does for A.</summary>
internal static unsafe class TileProduct
{
    /// <summary>Rows of C that one call makes at most.</summary>
    public const int Height = 6;

    /// <summary>Columns of C, and of a packed panel.</summary>
    public const int Width = 16;

    /// <summary>C[rows x 16] += sum over i of A[i, rows]' P[i, 16]. Six numbers of each row of A are read.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Multiply(float* a, nint lda, int rows, float* panel, int depth, float* c, nint ldc)
    {
        Vector256<float> c00 = default, c01 = default, c10 = default, c11 = default, c20 = default, c21 = default;
        Vector256<float> c30 = default, c31 = default, c40 = default, c41 = default, c50 = default, c51 = default;
        for (nint i = 0; i < depth; i++)
        {
            var p0 = Vector256.Load(panel);
            var p1 = Vector256.Load(panel + 8);
            var x = Vector256.Create(a[0]);
            c00 = Vector256.FusedMultiplyAdd(x, p0, c00);
            c01 = Vector256.FusedMultiplyAdd(x, p1, c01);
            x = Vector256.Create(a[1]);
            c10 = Vector256.FusedMultiplyAdd(x, p0, c10);
            c11 = Vector256.FusedMultiplyAdd(x, p1, c11);
            x = Vector256.Create(a[2]);
            c20 = Vector256.FusedMultiplyAdd(x, p0, c20);
            c21 = Vector256.FusedMultiplyAdd(x, p1, c21);
            x = Vector256.Create(a[3]);
            c30 = Vector256.FusedMultiplyAdd(x, p0, c30);
            c31 = Vector256.FusedMultiplyAdd(x, p1, c31);
            x = Vector256.Create(a[4]);
            c40 = Vector256.FusedMultiplyAdd(x, p0, c40);
            c41 = Vector256.FusedMultiplyAdd(x, p1, c41);
            x = Vector256.Create(a[5]);
            c50 = Vector256.FusedMultiplyAdd(x, p0, c50);
            c51 = Vector256.FusedMultiplyAdd(x, p1, c51);
            a += lda;
            panel += Width;
        }

        Add(c, c00, c01);
        if (rows > 1) { Add(c + ldc, c10, c11); }
        if (rows > 2) { Add(c + (2 * ldc), c20, c21); }
        if (rows > 3) { Add(c + (3 * ldc), c30, c31); }
        if (rows > 4) { Add(c + (4 * ldc), c40, c41); }
        if (rows > 5) { Add(c + (5 * ldc), c50, c51); }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Add(float* c, Vector256<float> low, Vector256<float> high)
    {
        (Vector256.Load(c) + low).Store(c);
        (Vector256.Load(c + 8) + high).Store(c + 8);
    }
}
