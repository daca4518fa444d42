using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace OnnxTransfer.Heads;

/// <summary>The innermost loops of <see cref="PairProduct"/>: scores of one code in four classes or one, and a class's sum over a strip of columns.</summary>
internal static unsafe class PairKernels
{
    /// <summary>Numbers in a vector, and partial sums of a score.</summary>
    public const int Lanes = 8;

    /// <summary>Columns of a strip of sums: eight vectors, which stay in registers.</summary>
    public const int SumStrip = Lanes * 8;

    /// <summary>Adds x u_j, j = 0 to 3, to four times eight partial sums; the length is a multiple of the lanes.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Dot4(float* x, float* u0, float* u1, float* u2, float* u3, int length, float* sums)
    {
        var s0 = Vector256.Load(sums);
        var s1 = Vector256.Load(sums + Lanes);
        var s2 = Vector256.Load(sums + (2 * Lanes));
        var s3 = Vector256.Load(sums + (3 * Lanes));
        Vector256<float> r0 = default, r1 = default, r2 = default, r3 = default;
        nint d = 0;
        for (; d + (2 * Lanes) <= length; d += 2 * Lanes)
        {
            var (a, b) = (Vector256.Load(x + d), Vector256.Load(x + d + Lanes));
            s0 = Vector256.MultiplyAddEstimate(a, Vector256.Load(u0 + d), s0);
            s1 = Vector256.MultiplyAddEstimate(a, Vector256.Load(u1 + d), s1);
            s2 = Vector256.MultiplyAddEstimate(a, Vector256.Load(u2 + d), s2);
            s3 = Vector256.MultiplyAddEstimate(a, Vector256.Load(u3 + d), s3);
            r0 = Vector256.MultiplyAddEstimate(b, Vector256.Load(u0 + d + Lanes), r0);
            r1 = Vector256.MultiplyAddEstimate(b, Vector256.Load(u1 + d + Lanes), r1);
            r2 = Vector256.MultiplyAddEstimate(b, Vector256.Load(u2 + d + Lanes), r2);
            r3 = Vector256.MultiplyAddEstimate(b, Vector256.Load(u3 + d + Lanes), r3);
        }

        if (d < length)
        {
            var a = Vector256.Load(x + d);
            s0 = Vector256.MultiplyAddEstimate(a, Vector256.Load(u0 + d), s0);
            s1 = Vector256.MultiplyAddEstimate(a, Vector256.Load(u1 + d), s1);
            s2 = Vector256.MultiplyAddEstimate(a, Vector256.Load(u2 + d), s2);
            s3 = Vector256.MultiplyAddEstimate(a, Vector256.Load(u3 + d), s3);
        }

        (s0 + r0).Store(sums);
        (s1 + r1).Store(sums + Lanes);
        (s2 + r2).Store(sums + (2 * Lanes));
        (s3 + r3).Store(sums + (3 * Lanes));
    }

    /// <summary>Adds x u to eight partial sums.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Dot1(float* x, float* u, int length, float* sums)
    {
        var s = Vector256.Load(sums);
        var r = Vector256<float>.Zero;
        nint d = 0;
        for (; d + (2 * Lanes) <= length; d += 2 * Lanes)
        {
            s = Vector256.MultiplyAddEstimate(Vector256.Load(x + d), Vector256.Load(u + d), s);
            r = Vector256.MultiplyAddEstimate(Vector256.Load(x + d + Lanes), Vector256.Load(u + d + Lanes), r);
        }

        if (d < length)
        {
            s = Vector256.MultiplyAddEstimate(Vector256.Load(x + d), Vector256.Load(u + d), s);
        }

        (s + r).Store(sums);
    }

    /// <summary>Adds the first lanes of some pairs, times the strips of their codes, to a strip of sums; strips are a step apart.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void AddStrip(float* x, nint step, int* pairAt, byte* rowAt, int count, int firstPair, float* t, float* sums)
    {
        var s0 = Vector256.Load(sums);
        var s1 = Vector256.Load(sums + Lanes);
        var s2 = Vector256.Load(sums + (2 * Lanes));
        var s3 = Vector256.Load(sums + (3 * Lanes));
        var s4 = Vector256.Load(sums + (4 * Lanes));
        var s5 = Vector256.Load(sums + (5 * Lanes));
        var s6 = Vector256.Load(sums + (6 * Lanes));
        var s7 = Vector256.Load(sums + (7 * Lanes));
        for (var place = 0; place < count; place++)
        {
            var factor = Vector256.Create(t[(nint)(pairAt[place] - firstPair) * Lanes]);
            var code = x + (rowAt[place] * step);
            s0 = Vector256.MultiplyAddEstimate(factor, Vector256.Load(code), s0);
            s1 = Vector256.MultiplyAddEstimate(factor, Vector256.Load(code + Lanes), s1);
            s2 = Vector256.MultiplyAddEstimate(factor, Vector256.Load(code + (2 * Lanes)), s2);
            s3 = Vector256.MultiplyAddEstimate(factor, Vector256.Load(code + (3 * Lanes)), s3);
            s4 = Vector256.MultiplyAddEstimate(factor, Vector256.Load(code + (4 * Lanes)), s4);
            s5 = Vector256.MultiplyAddEstimate(factor, Vector256.Load(code + (5 * Lanes)), s5);
            s6 = Vector256.MultiplyAddEstimate(factor, Vector256.Load(code + (6 * Lanes)), s6);
            s7 = Vector256.MultiplyAddEstimate(factor, Vector256.Load(code + (7 * Lanes)), s7);
        }

        s0.Store(sums);
        s1.Store(sums + Lanes);
        s2.Store(sums + (2 * Lanes));
        s3.Store(sums + (3 * Lanes));
        s4.Store(sums + (4 * Lanes));
        s5.Store(sums + (5 * Lanes));
        s6.Store(sums + (6 * Lanes));
        s7.Store(sums + (7 * Lanes));
    }
}
