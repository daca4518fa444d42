using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace OnnxTransfer.Heads;

/// <summary>
/// The eigenvalues of a tridiagonal matrix by the implicit QL method (Dubrulle, Martin and Wilkinson, 1968), and what some
/// vectors are along its eigenvectors, which are never made.
/// </summary>
internal static class TridiagonalSpectrum
{
    private const double Rounding = 1.0 / (1L << 52);

    // Two or three turns find an eigenvalue.
    private const int MostTurns = 60;

    /// <summary>Turns the diagonal into the eigenvalues, in no order, and every column of vectors into its products with the eigenvectors.</summary>
    /// <param name="diagonal">n numbers.</param>
    /// <param name="beside">n numbers, of which the last means nothing; overwritten.</param>
    /// <param name="vectors">n x K numbers, row by row: K vectors.</param>
    /// <param name="count">K.</param>
    /// <exception cref="OnnxTransferException"><see cref="FailureKind.Mathematics"/>: a number is not finite.</exception>
    public static void Find(double[] diagonal, double[] beside, double[] vectors, int count)
    {
        var (d, e, last) = (diagonal, beside, diagonal.Length - 1);
        e[last] = 0;
        var norm = d.Max(Math.Abs) + e.Max(Math.Abs);
        if (!double.IsFinite(norm))
        {
            throw NotFinite();
        }

        for (var l = 0; l < last; l++)
        {
            for (var turn = 0; ; turn++)
            {
                var m = l;
                while (m < last && Math.Abs(e[m]) > Rounding * norm)
                {
                    m++;
                }

                if (m == l)
                {
                    break;
                }

                if (turn == MostTurns)
                {
                    throw NotFinite();
                }

                Turn(d, e, l, m, vectors, count);
            }
        }
    }

    /// <summary>One sweep of rotations from row m up to row l, with Wilkinson's shift.</summary>
    private static void Turn(double[] d, double[] e, int l, int m, double[] vectors, int count)
    {
        var g = (d[l + 1] - d[l]) / (2 * e[l]);
        g = d[m] - d[l] + (e[l] / (g + Math.CopySign(Length(g, 1), g)));
        var (s, c, p) = (1.0, 1.0, 0.0);
        for (var i = m - 1; i >= l; i--)
        {
            var (f, b) = (s * e[i], c * e[i]);
            var r = Length(f, g);
            e[i + 1] = r;
            if (r == 0)
            {
                d[i + 1] -= p;
                e[m] = 0;
                return;
            }

            (s, c) = (f / r, g / r);
            g = d[i + 1] - p;
            r = ((d[i] - g) * s) + (2 * c * b);
            p = s * r;
            d[i + 1] = g + p;
            g = (c * r) - b;
            Rotate(vectors.AsSpan(i * count, count), vectors.AsSpan((i + 1) * count, count), c, s);
        }

        d[l] -= p;
        e[l] = g;
        e[m] = 0;
    }

    /// <summary>(upper, lower) becomes (c upper - s lower, s upper + c lower).</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Rotate(Span<double> upper, Span<double> lower, double c, double s)
    {
        ref var u0 = ref MemoryMarshal.GetReference(upper);
        ref var l0 = ref MemoryMarshal.GetReference(lower);
        var (cosine, sine) = (Vector256.Create(c), Vector256.Create(s));
        var i = 0;
        for (; i <= upper.Length - 4; i += 4)
        {
            var (u, v) = (Vector256.LoadUnsafe(ref u0, (nuint)i), Vector256.LoadUnsafe(ref l0, (nuint)i));
            ((cosine * u) - (sine * v)).StoreUnsafe(ref u0, (nuint)i);
            ((sine * u) + (cosine * v)).StoreUnsafe(ref l0, (nuint)i);
        }

        for (; i < upper.Length; i++)
        {
            (upper[i], lower[i]) = ((c * upper[i]) - (s * lower[i]), (s * upper[i]) + (c * lower[i]));
        }
    }

    private static double Length(double x, double y) => Math.Sqrt((x * x) + (y * y));

    private static OnnxTransferException NotFinite() => new(
        FailureKind.Mathematics, "The products of the codes are not finite: a code is not a number, or too large; check the images and the recipe, or scale the codes.");
}
