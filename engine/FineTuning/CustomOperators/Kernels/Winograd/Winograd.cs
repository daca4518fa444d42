using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace OnnxTransfer.FineTuning;

/// <summary>
/// Convolutions with kernels of 3 x 3 by fewer products: an axis of six values x and one of three or four values g are each carried to
/// six points, multiplied there, and carried back, 36 products in place of 144 for a tile (Winograd 1980; Lavin and Gray 2016). The four
/// results of three weights are y = A'[(G g) (B' x)]; the gradient of the weights, three results of four gradients, has the same x.
/// </summary>
/// <remarks>
/// The points are 0, ±1/√2, ±√2 and infinity. Powers of them and the denominators stay near 1, and so does the growth of rounding
/// errors; with the customary 0, ±1, ±2 it is several times as large (Barabasz et al. 2020). Each function works on eight channels,
/// the lanes of a vector; <c>half</c> is scratch of 36 vectors.
/// </remarks>
internal static unsafe class Winograd
{
    /// <summary>The side of a tile of x, and the number of points.</summary>
    public const int Side = 6;

    /// <summary>The side of a tile of y.</summary>
    public const int Step = 4;

    /// <summary>The side of a kernel.</summary>
    public const int Kernel = 3;

    /// <summary>The products of a tile.</summary>
    public const int Positions = Side * Side;

    private const int Lanes = Transposition.Lanes;

    private const float A = 0.70710678f, B = 1.41421356f;

    /// <summary>B' x B for a tile of 6 x 6.</summary>
    /// <param name="x">The first value; <paramref name="row"/> and <paramref name="pixel"/> are the elements from one to the next.</param>
    /// <param name="row">From row to row.</param>
    /// <param name="pixel">From column to column.</param>
    /// <param name="points">The result; <paramref name="position"/> is the distance of its elements.</param>
    /// <param name="position">From point to point.</param>
    /// <param name="half">Scratch.</param>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Map(float* x, nint row, nint pixel, float* points, nint position, float* half)
    {
        for (var column = 0; column < Side; column++, x += pixel)
        {
            MapAxis(x, row, half + (column * Lanes), Side * Lanes);
        }

        for (var line = 0; line < Side; line++, points += Side * position)
        {
            MapAxis(half + (line * Side * Lanes), Lanes, points, position);
        }
    }

    /// <summary>G g G' for a kernel of 3 x 3, its nine vectors one after the other.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Weights(float* kernel, float* points, nint position, float* half)
    {
        for (var column = 0; column < Kernel; column++)
        {
            WeightAxis(kernel + (column * Lanes), Kernel * Lanes, half + (column * Lanes), Kernel * Lanes);
        }

        for (var line = 0; line < Side; line++, points += Side * position)
        {
            WeightAxis(half + (line * Kernel * Lanes), Lanes, points, position);
        }
    }

    /// <summary>The same for the gradients of y, a tile of 4 x 4 that takes the place of the kernel.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Gradients(float* dy, nint row, nint pixel, float* points, nint position, float* half)
    {
        for (var column = 0; column < Step; column++, dy += pixel)
        {
            GradientAxis(dy, row, half + (column * Lanes), Step * Lanes);
        }

        for (var line = 0; line < Side; line++, points += Side * position)
        {
            GradientAxis(half + (line * Step * Lanes), Lanes, points, position);
        }
    }

    /// <summary>A' m A: the results of a tile, 4 x 4, and an intercept.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Results(float* points, nint position, Vector256<float> intercept, float* y, nint row, nint pixel, float* half)
    {
        for (var column = 0; column < Side; column++)
        {
            ResultAxis(points + (column * position), Side * position, default, half + (column * Lanes), Side * Lanes);
        }

        for (var line = 0; line < Step; line++, y += row)
        {
            ResultAxis(half + (line * Side * Lanes), Lanes, intercept, y, pixel);
        }
    }

    /// <summary>A' m A of the weights' gradient: 3 x 3 vectors, one after the other.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void KernelGradient(float* points, nint position, float* kernel, float* half)
    {
        for (var column = 0; column < Side; column++)
        {
            KernelAxis(points + (column * position), Side * position, half + (column * Lanes), Side * Lanes);
        }

        for (var line = 0; line < Kernel; line++, kernel += Kernel * Lanes)
        {
            KernelAxis(half + (line * Side * Lanes), Lanes, kernel, Lanes);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void MapAxis(float* x, nint step, float* y, nint to)
    {
        Vector256<float> x0 = Vector256.Load(x), x1 = Vector256.Load(x + step), x2 = Vector256.Load(x + (2 * step));
        Vector256<float> x3 = Vector256.Load(x + (3 * step)), x4 = Vector256.Load(x + (4 * step)), x5 = Vector256.Load(x + (5 * step));
        var middle = Vector256.Create(-2.5f);
        (Vector256.FusedMultiplyAdd(middle, x2, x0) + x4).Store(y);
        var (even, odd) = (Vector256.FusedMultiplyAdd(Vector256.Create(-2f), x2, x4), Vector256.Create(A) * Vector256.FusedMultiplyAdd(Vector256.Create(-2f), x1, x3));
        (even + odd).Store(y + to);
        (even - odd).Store(y + (2 * to));
        (even, odd) = (Vector256.FusedMultiplyAdd(Vector256.Create(-0.5f), x2, x4), Vector256.Create(B) * Vector256.FusedMultiplyAdd(Vector256.Create(-0.5f), x1, x3));
        (even + odd).Store(y + (3 * to));
        (even - odd).Store(y + (4 * to));
        (Vector256.FusedMultiplyAdd(middle, x3, x1) + x5).Store(y + (5 * to));
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void WeightAxis(float* g, nint step, float* y, nint to)
    {
        Vector256<float> g0 = Vector256.Load(g), g1 = Vector256.Load(g + step), g2 = Vector256.Load(g + (2 * step));
        Points(g0, Vector256.FusedMultiplyAdd(Vector256.Create(0.5f), g2, g0), g1, Vector256.FusedMultiplyAdd(Vector256.Create(2f), g2, g0), g1, g2, y, to);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void GradientAxis(float* g, nint step, float* y, nint to)
    {
        Vector256<float> g0 = Vector256.Load(g), g1 = Vector256.Load(g + step), g2 = Vector256.Load(g + (2 * step)), g3 = Vector256.Load(g + (3 * step));
        Vector256<float> half = Vector256.Create(0.5f), two = Vector256.Create(2f);
        Points(
            g0, Vector256.FusedMultiplyAdd(half, g2, g0), Vector256.FusedMultiplyAdd(half, g3, g1),
            Vector256.FusedMultiplyAdd(two, g2, g0), Vector256.FusedMultiplyAdd(two, g3, g1), g3, y, to);
    }

    // Values at the six points of what is even + odd p at p² = 1/2 and p² = 2, by the denominators -3/2 and 6.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Points(
        Vector256<float> zero, Vector256<float> even, Vector256<float> odd, Vector256<float> evenTwo, Vector256<float> oddTwo, Vector256<float> infinity, float* y, nint to)
    {
        zero.Store(y);
        (even, odd) = (even * Vector256.Create(-2f / 3), odd * Vector256.Create(-2f / 3 * A));
        (even + odd).Store(y + to);
        (even - odd).Store(y + (2 * to));
        (even, odd) = (evenTwo * Vector256.Create(1f / 6), oddTwo * Vector256.Create(B / 6));
        (even + odd).Store(y + (3 * to));
        (even - odd).Store(y + (4 * to));
        infinity.Store(y + (5 * to));
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void ResultAxis(float* m, nint step, Vector256<float> intercept, float* y, nint to)
    {
        var (sum, difference, sumTwo, differenceTwo) = Pairs(m, step);
        (Vector256.Load(m) + sum + sumTwo + intercept).Store(y);
        (difference + differenceTwo + intercept).Store(y + to);
        (Vector256.FusedMultiplyAdd(Vector256.Create(0.5f), sum, Vector256.Create(2f) * sumTwo) + intercept).Store(y + (2 * to));
        (Vector256.FusedMultiplyAdd(Vector256.Create(0.5f), difference, Vector256.Create(2f) * differenceTwo) + Vector256.Load(m + (5 * step)) + intercept).Store(y + (3 * to));
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void KernelAxis(float* m, nint step, float* y, nint to)
    {
        var (sum, difference, sumTwo, differenceTwo) = Pairs(m, step);
        (Vector256.Load(m) + sum + sumTwo).Store(y);
        (difference + differenceTwo).Store(y + to);
        (Vector256.FusedMultiplyAdd(Vector256.Create(0.5f), sum, Vector256.Create(2f) * sumTwo) + Vector256.Load(m + (5 * step))).Store(y + (2 * to));
    }

    // What the points ±p give to even and to odd powers.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static (Vector256<float> Sum, Vector256<float> Difference, Vector256<float> SumTwo, Vector256<float> DifferenceTwo) Pairs(float* m, nint step)
    {
        Vector256<float> m1 = Vector256.Load(m + step), m2 = Vector256.Load(m + (2 * step)), m3 = Vector256.Load(m + (3 * step)), m4 = Vector256.Load(m + (4 * step));
        return (m1 + m2, Vector256.Create(A) * (m1 - m2), m3 + m4, Vector256.Create(B) * (m3 - m4));
    }
}
