using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace OnnxTransfer.Heads;

/// <summary>
/// A loss's second derivative on a row, from K non-negative numbers c: diag(c) where the loss is separable, and
/// diag(c) - c c' / sum(c) where its classes are coupled, which takes nothing but differences of scores for a change.
/// </summary>
internal static class Curvature
{
    /// <summary>Replaces a direction in scores by the second derivative times it.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Apply(Span<float> direction, ReadOnlySpan<float> curvature, bool isCoupled)
    {
        ref var u0 = ref MemoryMarshal.GetReference(direction);
        ref var c0 = ref MemoryMarshal.GetReference(curvature[..direction.Length]);
        var mean = isCoupled ? Mean(direction, curvature) : 0;
        var shift = Vector256.Create(mean);
        var k = 0;
        for (; k <= direction.Length - Vector256<float>.Count; k += Vector256<float>.Count)
        {
            var product = (Vector256.LoadUnsafe(ref u0, (nuint)k) - shift) * Vector256.LoadUnsafe(ref c0, (nuint)k);
            product.StoreUnsafe(ref u0, (nuint)k);
        }

        for (; k < direction.Length; k++)
        {
            direction[k] = (direction[k] - mean) * curvature[k];
        }
    }

    /// <summary>The diagonal's share in one class, from c_k and the sum of c.</summary>
    public static float Diagonal(float curvature, float sum, bool isCoupled) =>
        !isCoupled ? curvature : sum > 0 ? curvature * ((sum - curvature) / sum) : 0;

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static float Mean(ReadOnlySpan<float> direction, ReadOnlySpan<float> curvature)
    {
        ref var u0 = ref MemoryMarshal.GetReference(direction);
        ref var c0 = ref MemoryMarshal.GetReference(curvature);
        Vector256<float> products = default, sums = default;
        var k = 0;
        for (; k <= direction.Length - Vector256<float>.Count; k += Vector256<float>.Count)
        {
            var c = Vector256.LoadUnsafe(ref c0, (nuint)k);
            products += Vector256.LoadUnsafe(ref u0, (nuint)k) * c;
            sums += c;
        }

        var (product, sum) = (Vector256.Sum(products), Vector256.Sum(sums));
        for (; k < direction.Length; k++)
        {
            product += direction[k] * curvature[k];
            sum += curvature[k];
        }

        return sum > 0 ? product / sum : 0;
    }
}
