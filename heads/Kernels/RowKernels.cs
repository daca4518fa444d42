using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace OnnxTransfer.Heads;

/// <summary>The loops of a descent that goes row by row: one code's scores in some classes, and its share in their weights.</summary>
internal static unsafe class RowKernels
{
    private const int Lanes = PairKernels.Lanes;
    private const int Four = 4;

    /// <summary>Numbers from the weights of one class to the next, so that every class begins a vector.</summary>
    public static int Stride(int columns) => (columns + Lanes - 1) / Lanes * Lanes;

    /// <summary>The products of a code with the weights of some classes; a class's has the same bits whichever are beside it.</summary>
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
        var (whole, last) = (columns / Lanes * Lanes, count - 1);
        for (var j = 0; j < count; j += Four)
        {
            var taken = Math.Min(count - j, Four);
            var u0 = weights + (classes[j] * stride);
            if (taken == 1)
            {
                scores[j] = PairKernels.Score(code, u0, whole);
            }
            else
            {
                // Two or three are as fast as four; the last is taken again, for nothing.
                var sums = PairKernels.Scores4(
                    code, u0, weights + (classes[j + 1] * stride), weights + (classes[Math.Min(j + 2, last)] * stride),
                    weights + (classes[Math.Min(j + 3, last)] * stride), whole);
                for (var i = 0; i < taken; i++)
                {
                    scores[j + i] = sums[i];
                }
            }

            for (var i = j; i < j + taken; i++)
            {
                var own = weights + (classes[i] * stride);
                for (var d = whole; d < columns; d++)
                {
                    scores[i] += code[d] * own[d];
                }
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
}
