using System.Numerics;
using System.Runtime.CompilerServices;

namespace OnnxTransfer.Imaging;

/// <summary>The inner loops of the vertical pass, over a row of bytes, in vectors of the machine's width; exact, since all is whole numbers.</summary>
internal static class RowKernels
{
    /// <summary>sums[i] += weight * bytes[i].</summary>
    public static void AddScaled(Span<int> sums, ReadOnlySpan<byte> bytes, int weight)
    {
        var i = 0;
        var scale = new Vector<int>(weight);
        for (; i <= sums.Length - Vector<byte>.Count; i += Vector<byte>.Count)
        {
            Vector.Widen(new Vector<byte>(bytes[i..]), out var low, out var high);
            Vector.Widen(low, out var a, out var b);
            Vector.Widen(high, out var c, out var d);
            Add(sums[i..], a, scale);
            Add(sums[(i + Vector<int>.Count)..], b, scale);
            Add(sums[(i + (2 * Vector<int>.Count))..], c, scale);
            Add(sums[(i + (3 * Vector<int>.Count))..], d, scale);
        }

        for (; i < sums.Length; i++)
        {
            sums[i] += weight * bytes[i];
        }
    }

    /// <summary>bytes[i] = sums[i] / 2^bits, rounded down, clamped to 0..255.</summary>
    public static void ToBytes(ReadOnlySpan<int> sums, Span<byte> bytes, int bits)
    {
        for (var i = 0; i < sums.Length; i++)
        {
            bytes[i] = (byte)Math.Clamp(sums[i] >> bits, 0, 255);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Add(Span<int> sums, Vector<uint> values, Vector<int> scale) =>
        (new Vector<int>(sums) + (Vector.AsVectorInt32(values) * scale)).CopyTo(sums);
}
