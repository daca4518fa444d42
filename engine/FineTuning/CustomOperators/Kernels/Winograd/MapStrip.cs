using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace OnnxTransfer.FineTuning;

/// <summary>A few rows of a map [C, H, W] with the channels of a pixel beside each other, [row, column, C], and zeros around the map.</summary>
internal sealed unsafe class MapStrip : IDisposable
{
    private const int Lanes = Winograd.Lanes;

    private readonly Scratch memory;
    private readonly int rows, columns, left, height, width, channels;
    private readonly int[] places;

    /// <summary>Room for rows, all zero.</summary>
    /// <param name="rows">Rows of the strip.</param>
    /// <param name="columns">Columns of the strip.</param>
    /// <param name="left">The column of the strip where the map begins.</param>
    /// <param name="height">Rows of the map.</param>
    /// <param name="width">Columns of the map.</param>
    /// <param name="channels">A multiple of eight.</param>
    public MapStrip(int rows, int columns, int left, int height, int width, int channels)
    {
        (this.rows, this.columns, this.left, this.height, this.width, this.channels) = (rows, columns, left, height, width, channels);
        memory = Scratch.Rent((long)rows * columns * channels);
        new Span<float>(memory.Start, rows * columns * channels).Clear();
        places = new int[rows * width];
        for (var pixel = 0; pixel < places.Length; pixel++)
        {
            places[pixel] = ((pixel / width * columns) + left + (pixel % width)) * channels;
        }
    }

    /// <summary>The first number.</summary>
    public float* Start => memory.Start;

    /// <summary>The numbers of a row.</summary>
    public int Row => columns * channels;

    /// <summary>Fills the strip with the map's rows from <paramref name="top"/> on; rows that the map has not are zero.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public void Load(float* map, int top)
    {
        var (first, end) = Inside(top);
        for (var row = 0; row < rows; row++)
        {
            if (row < first || row >= end)
            {
                new Span<float>(Start + ((long)row * Row), Row).Clear();
            }
        }

        var (plane, count) = ((nint)height * width, (end - first) * width);
        float* source = map + ((top + first) * width), target = Start + ((long)first * Row);
        fixed (int* place = places)
        {
            for (var pixel = 0; pixel < count; pixel = Next(pixel, count))
            {
                for (var channel = 0; channel < channels; channel += Lanes)
                {
                    float* from = source + (channel * plane) + pixel, to = target + channel;
                    if (count < Lanes || !Avx.IsSupported)
                    {
                        for (var lane = 0; lane < Math.Min(Lanes, count) * Lanes; lane++)
                        {
                            to[place[pixel + (lane / Lanes)] + (lane % Lanes)] = from[(lane % Lanes * plane) + (lane / Lanes)];
                        }

                        continue;
                    }

                    Vector256<float> a = Vector256.Load(from), b = Vector256.Load(from + plane), c = Vector256.Load(from + (2 * plane)), d = Vector256.Load(from + (3 * plane));
                    Vector256<float> e = Vector256.Load(from + (4 * plane)), f = Vector256.Load(from + (5 * plane)), g = Vector256.Load(from + (6 * plane)), h = Vector256.Load(from + (7 * plane));
                    Turn(ref a, ref b, ref c, ref d, ref e, ref f, ref g, ref h);
                    var at = place + pixel;
                    a.Store(to + at[0]);
                    b.Store(to + at[1]);
                    c.Store(to + at[2]);
                    d.Store(to + at[3]);
                    e.Store(to + at[4]);
                    f.Store(to + at[5]);
                    g.Store(to + at[6]);
                    h.Store(to + at[7]);
                }
            }
        }
    }

    /// <summary>Writes the strip to the map's rows from <paramref name="top"/> on, as far as the map has them.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public void Store(float* map, int top)
    {
        var (first, end) = Inside(top);
        var (plane, count) = ((nint)height * width, (end - first) * width);
        float* target = map + ((top + first) * width), source = Start + ((long)first * Row);
        fixed (int* place = places)
        {
            for (var channel = 0; channel < channels; channel += Lanes)
            {
                for (var pixel = 0; pixel < count; pixel = Next(pixel, count))
                {
                    float* from = source + channel, to = target + (channel * plane) + pixel;
                    if (count < Lanes || !Avx.IsSupported)
                    {
                        for (var lane = 0; lane < Math.Min(Lanes, count) * Lanes; lane++)
                        {
                            to[(lane % Lanes * plane) + (lane / Lanes)] = from[place[pixel + (lane / Lanes)] + (lane % Lanes)];
                        }

                        continue;
                    }

                    var at = place + pixel;
                    Vector256<float> a = Vector256.Load(from + at[0]), b = Vector256.Load(from + at[1]), c = Vector256.Load(from + at[2]), d = Vector256.Load(from + at[3]);
                    Vector256<float> e = Vector256.Load(from + at[4]), f = Vector256.Load(from + at[5]), g = Vector256.Load(from + at[6]), h = Vector256.Load(from + at[7]);
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
            }
        }
    }

    public void Dispose() => memory.Dispose();

    // The rows of the strip that the map has.
    private (int First, int End) Inside(int top) => (Math.Clamp(-top, 0, rows), Math.Clamp(height - top, Math.Clamp(-top, 0, rows), rows));

    // Pixels go by eight, the last eight over some of those before: the same numbers are written twice.
    private static int Next(int pixel, int count) => pixel + Lanes < count && pixel + (2 * Lanes) > count ? count - Lanes : pixel + Lanes;

    // Eight vectors of eight, rows for columns.
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
