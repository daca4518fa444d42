using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace OnnxTransfer.Heads;

/// <summary>The loops of a descent that goes row by row: one code's scores in some classes, and its share in their weights.</summary>
internal static unsafe class RowKernels
{
    private const int Lanes = PairKernels.Lanes;
    private const int Four = 4;
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
            var taken = count - j >= Four ? Four : count - j >= Two ? Two : 1;
            new Span<float>(partial, taken * Lanes).Clear();
            var first = weights + (classes[j] * stride);
            if (taken == Four)
            {
                PairKernels.Dot4(
                    code, first, weights + (classes[j + 1] * stride), weights + (classes[j + 2] * stride), weights + (classes[j + 3] * stride), whole, partial);
            }
            else if (taken == Two)
            {
                Dot2(code, first, weights + (classes[j + 1] * stride), whole, partial);
            }
            else
            {
                PairKernels.Dot1(code, first, whole, partial);
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

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Dot2(float* x, float* u0, float* u1, int length, float* sums)
    {
        var s0 = Vector256.Load(sums);
        var s1 = Vector256.Load(sums + Lanes);
        Vector256<float> r0 = default, r1 = default;
        nint d = 0;
        for (; d + (2 * Lanes) <= length; d += 2 * Lanes)
        {
            var (a, b) = (Vector256.Load(x + d), Vector256.Load(x + d + Lanes));
            s0 = Vector256.MultiplyAddEstimate(a, Vector256.Load(u0 + d), s0);
            s1 = Vector256.MultiplyAddEstimate(a, Vector256.Load(u1 + d), s1);
            r0 = Vector256.MultiplyAddEstimate(b, Vector256.Load(u0 + d + Lanes), r0);
            r1 = Vector256.MultiplyAddEstimate(b, Vector256.Load(u1 + d + Lanes), r1);
        }

        if (d < length)
        {
            var a = Vector256.Load(x + d);
            s0 = Vector256.MultiplyAddEstimate(a, Vector256.Load(u0 + d), s0);
            s1 = Vector256.MultiplyAddEstimate(a, Vector256.Load(u1 + d), s1);
        }

        (s0 + r0).Store(sums);
        (s1 + r1).Store(sums + Lanes);
    }
}
