using System.Runtime.InteropServices;

namespace OnnxTransfer.Heads;

/// <summary>
/// 128 bits that stand for a code: equal codes have equal keys, and others, but for chance, other ones. Who makes codes that share
/// a key gains nothing, as keys only tell where a training starts.
/// </summary>
internal static class CodeKey
{
    private const ulong First = 0x9e3779b97f4a7c15;
    private const ulong Second = 0xc2b2ae3d27d4eb4f;

    /// <summary>The keys of chosen rows, as they lie in the matrix.</summary>
    public static UInt128[] Of(CodeView codes, int[] rows, int threads)
    {
        var keys = new UInt128[rows.Length];
        Workers.For(rows.Length, threads, (i, _) => keys[i] = Of(codes.Stored(rows[i])));
        return keys;
    }

    /// <summary>The key of a code: two chains of folded products (as in wyhash, Wang Yi, 2019), each over all numbers.</summary>
    public static UInt128 Of(ReadOnlySpan<float> code)
    {
        var pairs = MemoryMarshal.Cast<float, ulong>(code);
        var (low, high) = (First, Second);
        foreach (var pair in pairs)
        {
            low = Fold(low ^ pair, First);
            high = Fold(high + pair, Second);
        }

        var last = code.Length % 2 == 1 ? BitConverter.SingleToUInt32Bits(code[^1]) : 0;
        return new UInt128(Hash.Mix(high ^ Fold(low, last ^ Second)), Hash.Mix(low + Fold(high, last ^ First)));
    }

    private static ulong Fold(ulong a, ulong b)
    {
        var high = Math.BigMul(a, b, out var low);
        return high ^ low;
    }
}
