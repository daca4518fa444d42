using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.Arm;
using System.Runtime.Intrinsics.X86;

namespace OnnxTransfer.Heads;

/// <summary>The innermost loops over pairs of a row and a class: scores of one code in four classes or one, and a class's sum over a strip of columns.</summary>
internal static unsafe class PairKernels
{
    /// <summary>Numbers in a vector, and partial sums of a score.</summary>
    public const int Lanes = 8;

    /// <summary>Columns of a strip of sums: eight vectors, which stay in registers.</summary>
    public const int SumStrip = Lanes * 8;

    /// <summary>x u_j, j = 0 to 3; the length is a multiple of the lanes.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<float> Scores4(float* x, float* u0, float* u1, float* u2, float* u3, nint length)
    {
        Vector256<float> s0 = default, s1 = default, s2 = default, s3 = default;
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

        var (v0, v1, v2, v3) = (s0 + r0, s1 + r1, s2 + r2, s3 + r3);
        return AddPairs(AddPairs(v0.GetLower(), v1.GetLower()), AddPairs(v2.GetLower(), v3.GetLower()))
            + AddPairs(AddPairs(v0.GetUpper(), v1.GetUpper()), AddPairs(v2.GetUpper(), v3.GetUpper()));
    }

    /// <summary>x u, the same bits as among four.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static float Score(float* x, float* u, nint length)
    {
        Vector256<float> s = default, r = default;
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

        return SumOf(s + r);
    }

    /// <summary>The sum of eight numbers, in the order of <see cref="Scores4"/>.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static float SumOf(Vector256<float> v)
    {
        var pairs = AddPairs(v.GetLower(), v.GetUpper());
        return (pairs[0] + pairs[1]) + (pairs[2] + pairs[3]);
    }

    /// <summary>The sums of neighbours: first those of a, then those of b.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector128<float> AddPairs(Vector128<float> a, Vector128<float> b) =>
        Sse3.IsSupported ? Sse3.HorizontalAdd(a, b)
        : AdvSimd.Arm64.IsSupported ? AdvSimd.Arm64.AddPairwise(a, b)
        : Vector128.Create(a[0] + a[1], a[2] + a[3], b[0] + b[1], b[2] + b[3]);

    /// <summary>Adds the products of some pairs, times the strips of their codes, to a strip of sums; strips are a step apart.</summary>
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
            var factor = Vector256.Create(t[pairAt[place] - firstPair]);
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

    /// <summary>The same for a single vector of columns.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void AddLanes(float* x, nint step, int* pairAt, byte* rowAt, int count, int firstPair, float* t, float* sums)
    {
        var s = Vector256.Load(sums);
        for (var place = 0; place < count; place++)
        {
            s = Vector256.MultiplyAddEstimate(Vector256.Create(t[pairAt[place] - firstPair]), Vector256.Load(x + (rowAt[place] * step)), s);
        }

        s.Store(sums);
    }
}
