using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace OnnxTransfer.Heads;

/// <summary>The loops of a descent that goes row by row: one code's scores in some classes, and its share in their weights.</summary>
internal static unsafe class RowKernels
{
    private const int Lanes = PairKernels.Lanes;
    private const int Four = 4;
    private const int Three = 3;
    private const int Two = 2;

    /// <summary>Numbers from the weights of one class to the next, so that every class begins a vector.</summary>
    public static int Stride(int columns) => (columns + Lanes - 1) / Lanes * Lanes;

    /// <summary>The products of a code with the weights of some classes.</summary>
    /// <param name="code">D numbers.</param>
    /// <param name="weights">K times a stride.</param>
    /// <param name="columns">D.</param>
    /// <param name="classes">The classes.</param>
    /// <param name="count">How many.</param>
    /// <param name="scores">As many numbers, set.</param>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Score(float* code, float* weights, int columns, int* classes, int count, float* scores)
    {
        nint stride = Stride(columns);
        var whole = columns / Lanes * Lanes;
        var partial = stackalloc float[Four * Lanes];
        for (var j = 0; j < count;)
        {
            var taken = Math.Min(count - j, Four);
            new Span<float>(partial, taken * Lanes).Clear();
            var (u0, u1) = ((nint)(weights + (classes[j] * stride)), (nint)(weights + (classes[Math.Min(j + 1, count - 1)] * stride)));
            var (u2, u3) = ((nint)(weights + (classes[Math.Min(j + 2, count - 1)] * stride)), (nint)(weights + (classes[Math.Min(j + 3, count - 1)] * stride)));
            switch (taken)
            {
                case Four:
                    PairKernels.Dot4(code, (float*)u0, (float*)u1, (float*)u2, (float*)u3, whole, partial);
                    break;
                case Three:
                    Dot3(code, (float*)u0, (float*)u1, (float*)u2, whole, partial);
                    break;
                case Two:
                    Dot2(code, (float*)u0, (float*)u1, whole, partial);
                    break;
                default:
                    PairKernels.Dot1(code, (float*)u0, whole, partial);
                    break;
            }

            for (var i = 0; i < taken; i++, j++)
            {
                var sum = Vector256.Sum(Vector256.Load(partial + (i * Lanes)));
                var own = weights + (classes[j] * stride);
                for (var d = whole; d < columns; d++)
                {
                    sum += code[d] * own[d];
                }

                scores[j] = sum;
            }
        }
    }

    /// <summary>y += a x.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void AddScaled(float a, float* x, float* y, int length)
    {
        var factor = Vector256.Create(a);
        nint d = 0;
        for (; d + Lanes <= length; d += Lanes)
        {
            Vector256.Store(Vector256.MultiplyAddEstimate(factor, Vector256.Load(x + d), Vector256.Load(y + d)), y + d);
        }

        for (; d < length; d++)
        {
            y[d] += a * x[d];
        }
    }

    /// <summary>y += a x and z -= a x.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Exchange(float a, float* x, float* y, float* z, int length)
    {
        var (factor, opposite) = (Vector256.Create(a), Vector256.Create(-a));
        nint d = 0;
        for (; d + Lanes <= length; d += Lanes)
        {
            var code = Vector256.Load(x + d);
            Vector256.Store(Vector256.MultiplyAddEstimate(factor, code, Vector256.Load(y + d)), y + d);
            Vector256.Store(Vector256.MultiplyAddEstimate(opposite, code, Vector256.Load(z + d)), z + d);
        }

        for (; d < length; d++)
        {
            y[d] += a * x[d];
            z[d] -= a * x[d];
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Dot3(float* x, float* u0, float* u1, float* u2, int length, float* sums)
    {
        Vector256<float> s0 = default, s1 = default, s2 = default, r0 = default, r1 = default, r2 = default;
        nint d = 0;
        for (; d + (2 * Lanes) <= length; d += 2 * Lanes)
        {
            var (a, b) = (Vector256.Load(x + d), Vector256.Load(x + d + Lanes));
            s0 = Vector256.MultiplyAddEstimate(a, Vector256.Load(u0 + d), s0);
            s1 = Vector256.MultiplyAddEstimate(a, Vector256.Load(u1 + d), s1);
            s2 = Vector256.MultiplyAddEstimate(a, Vector256.Load(u2 + d), s2);
            r0 = Vector256.MultiplyAddEstimate(b, Vector256.Load(u0 + d + Lanes), r0);
            r1 = Vector256.MultiplyAddEstimate(b, Vector256.Load(u1 + d + Lanes), r1);
            r2 = Vector256.MultiplyAddEstimate(b, Vector256.Load(u2 + d + Lanes), r2);
        }

        if (d < length)
        {
            var a = Vector256.Load(x + d);
            s0 = Vector256.MultiplyAddEstimate(a, Vector256.Load(u0 + d), s0);
            s1 = Vector256.MultiplyAddEstimate(a, Vector256.Load(u1 + d), s1);
            s2 = Vector256.MultiplyAddEstimate(a, Vector256.Load(u2 + d), s2);
        }

        (s0 + r0).Store(sums);
        (s1 + r1).Store(sums + Lanes);
        (s2 + r2).Store(sums + (2 * Lanes));
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Dot2(float* x, float* u0, float* u1, int length, float* sums)
    {
        Vector256<float> s0 = default, s1 = default, r0 = default, r1 = default, p0 = default, p1 = default, q0 = default, q1 = default;
        nint d = 0;
        for (; d + (Four * Lanes) <= length; d += Four * Lanes)
        {
            var (a, b) = (Vector256.Load(x + d), Vector256.Load(x + d + Lanes));
            s0 = Vector256.MultiplyAddEstimate(a, Vector256.Load(u0 + d), s0);
            s1 = Vector256.MultiplyAddEstimate(a, Vector256.Load(u1 + d), s1);
            r0 = Vector256.MultiplyAddEstimate(b, Vector256.Load(u0 + d + Lanes), r0);
            r1 = Vector256.MultiplyAddEstimate(b, Vector256.Load(u1 + d + Lanes), r1);
            (a, b) = (Vector256.Load(x + d + (2 * Lanes)), Vector256.Load(x + d + (Three * Lanes)));
            p0 = Vector256.MultiplyAddEstimate(a, Vector256.Load(u0 + d + (2 * Lanes)), p0);
            p1 = Vector256.MultiplyAddEstimate(a, Vector256.Load(u1 + d + (2 * Lanes)), p1);
            q0 = Vector256.MultiplyAddEstimate(b, Vector256.Load(u0 + d + (Three * Lanes)), q0);
            q1 = Vector256.MultiplyAddEstimate(b, Vector256.Load(u1 + d + (Three * Lanes)), q1);
        }

        for (; d < length; d += Lanes)
        {
            var a = Vector256.Load(x + d);
            s0 = Vector256.MultiplyAddEstimate(a, Vector256.Load(u0 + d), s0);
            s1 = Vector256.MultiplyAddEstimate(a, Vector256.Load(u1 + d), s1);
        }

        ((s0 + r0) + (p0 + q0)).Store(sums);
        ((s1 + r1) + (p1 + q1)).Store(sums + Lanes);
    }
}
