using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace OnnxTransfer.FineTuning;

/// <summary>Pixels of eight channels: from eight planes to vectors, one a pixel, and back. Without AVX's shuffles numbers go one by one.</summary>
internal static unsafe class Transposition
{
    /// <summary>The channels, and the pixels of a block.</summary>
    public const int Lanes = 8;

    /// <summary>The pixel that the next block begins at. The last block goes over some of those before it: the same numbers are written twice.</summary>
    public static int Next(int pixel, int count) => pixel + Lanes < count && pixel + (2 * Lanes) > count ? count - Lanes : pixel + Lanes;

    /// <summary>to[place[i] + lane] = from[lane plane + i] for a block of pixels, fewer than eight where there are no more.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Gather(float* from, nint plane, int count, float* to, int* place)
    {
        if (count < Lanes || !Avx.IsSupported)
        {
            for (var i = 0; i < Math.Min(Lanes, count) * Lanes; i++)
            {
                to[place[i / Lanes] + (i % Lanes)] = from[(i % Lanes * plane) + (i / Lanes)];
            }

            return;
        }

        Vector256<float> a = Vector256.Load(from), b = Vector256.Load(from + plane), c = Vector256.Load(from + (2 * plane)), d = Vector256.Load(from + (3 * plane));
        Vector256<float> e = Vector256.Load(from + (4 * plane)), f = Vector256.Load(from + (5 * plane)), g = Vector256.Load(from + (6 * plane)), h = Vector256.Load(from + (7 * plane));
        Turn(ref a, ref b, ref c, ref d, ref e, ref f, ref g, ref h);
        a.Store(to + place[0]);
        b.Store(to + place[1]);
        c.Store(to + place[2]);
        d.Store(to + place[3]);
        e.Store(to + place[4]);
        f.Store(to + place[5]);
        g.Store(to + place[6]);
        h.Store(to + place[7]);
    }

    /// <summary>to[lane plane + i] = from[place[i] + lane].</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Scatter(float* from, int* place, int count, float* to, nint plane)
    {
        if (count < Lanes || !Avx.IsSupported)
        {
            for (var i = 0; i < Math.Min(Lanes, count) * Lanes; i++)
            {
                to[(i % Lanes * plane) + (i / Lanes)] = from[place[i / Lanes] + (i % Lanes)];
            }

            return;
        }

        Vector256<float> a = Vector256.Load(from + place[0]), b = Vector256.Load(from + place[1]), c = Vector256.Load(from + place[2]), d = Vector256.Load(from + place[3]);
        Vector256<float> e = Vector256.Load(from + place[4]), f = Vector256.Load(from + place[5]), g = Vector256.Load(from + place[6]), h = Vector256.Load(from + place[7]);
        Turn(ref a, ref b, ref c, ref d, ref e, ref f, ref g, ref h);
        a.Store(to);
        b.Store(to + plane);
        c.Store(to + (2 * plane));
        d.Store(to + (3 * plane));
        e.Store(to + (4 * plane));
        f.Store(to + (5 * plane));
        g.Store(to + (6 * plane));
        h.Store(to + (7 * plane));
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Turn(
        ref Vector256<float> a, ref Vector256<float> b, ref Vector256<float> c, ref Vector256<float> d,
        ref Vector256<float> e, ref Vector256<float> f, ref Vector256<float> g, ref Vector256<float> h)
    {
        Vector256<float> ab = Avx.UnpackLow(a, b), cd = Avx.UnpackLow(c, d), ef = Avx.UnpackLow(e, f), gh = Avx.UnpackLow(g, h);
        Vector256<float> abHigh = Avx.UnpackHigh(a, b), cdHigh = Avx.UnpackHigh(c, d), efHigh = Avx.UnpackHigh(e, f), ghHigh = Avx.UnpackHigh(g, h);
        Vector256<float> p = Avx.Shuffle(ab, cd, 0x44), q = Avx.Shuffle(ab, cd, 0xEE), r = Avx.Shuffle(abHigh, cdHigh, 0x44), s = Avx.Shuffle(abHigh, cdHigh, 0xEE);
        Vector256<float> t = Avx.Shuffle(ef, gh, 0x44), u = Avx.Shuffle(ef, gh, 0xEE), v = Avx.Shuffle(efHigh, ghHigh, 0x44), w = Avx.Shuffle(efHigh, ghHigh, 0xEE);
        (a, b, c, d) = (Avx.Permute2x128(p, t, 0x20), Avx.Permute2x128(q, u, 0x20), Avx.Permute2x128(r, v, 0x20), Avx.Permute2x128(s, w, 0x20));
        (e, f, g, h) = (Avx.Permute2x128(p, t, 0x31), Avx.Permute2x128(q, u, 0x31), Avx.Permute2x128(r, v, 0x31), Avx.Permute2x128(s, w, 0x31));
    }
}
