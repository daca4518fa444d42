using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace OnnxTransfer.Imaging;

/// <summary>
/// The inner loops of a resize, over rows of bytes. Whole numbers only, so that vectors of any width give what
/// <see cref="ScalarRowKernels"/> gives, bit for bit.
/// </summary>
internal static class RowKernels
{
    /// <summary>What is added before the shift by <see cref="ResampleWeights.Bits"/>: one half.</summary>
    public const int Half = 1 << (ResampleWeights.Bits - 1);

    /// <summary>The rows that the horizontal pass makes best at once: they share the reading of the weights.</summary>
    public const int Rows = 4;

    /// <summary>
    /// The horizontal pass over some rows:
    /// target[r, 3x + c] = (half + sum over i of weight[x, i] * source[r, 3 (first[x] + i) + c]) >> 22, clamped.
    /// </summary>
    /// <param name="source">RGB pixels from the first row's first on, to the end of the image.</param>
    /// <param name="sourcePitch">Bytes from one source row to the next.</param>
    /// <param name="target">Three bytes for each output of <paramref name="weights"/> in each row.</param>
    /// <param name="targetPitch">Bytes from one target row to the next.</param>
    /// <param name="rows">How many rows.</param>
    /// <param name="weights">The weights of a row.</param>
    public static void Across(
        ReadOnlySpan<byte> source, int sourcePitch, Span<byte> target, int targetPitch, int rows, ResampleWeights weights)
    {
        var row = 0;
        if (Vector128.IsHardwareAccelerated)
        {
            for (; row <= rows - Rows; row += Rows)
            {
                AcrossFour(source[(row * sourcePitch)..], sourcePitch, target[(row * targetPitch)..], targetPitch, weights);
            }
        }

        for (; row < rows; row++)
        {
            ScalarRowKernels.Across(source[(row * sourcePitch)..], target[(row * targetPitch)..], weights);
        }
    }

    /// <summary>
    /// One row of the vertical pass: target[j] = (half + sum over i of weights[i] * rows[offsets[i] + j]) >> 22, clamped.
    /// </summary>
    /// <param name="rows">Rows of bytes.</param>
    /// <param name="offsets">Where each row begins; each holds as many bytes as the target.</param>
    /// <param name="weights">A weight for each row.</param>
    /// <param name="target">The row made.</param>
    public static void Down(ReadOnlySpan<byte> rows, ReadOnlySpan<int> offsets, ReadOnlySpan<int> weights, Span<byte> target)
    {
        var j = 0;
        var top = new Vector<int>(255);
        for (; j <= target.Length - Vector<byte>.Count; j += Vector<byte>.Count)
        {
            Vector<int> a = new(Half), b = a, c = a, d = a;
            for (var i = 0; i < offsets.Length; i++)
            {
                var weight = new Vector<int>(weights[i]);
                Vector.Widen(new Vector<byte>(rows[(offsets[i] + j)..]), out var low, out var high);
                Vector.Widen(low, out var first, out var second);
                Vector.Widen(high, out var third, out var fourth);
                a += first.As<uint, int>() * weight;
                b += second.As<uint, int>() * weight;
                c += third.As<uint, int>() * weight;
                d += fourth.As<uint, int>() * weight;
            }

            Vector.Narrow(
                Vector.Narrow(Byte(a, top), Byte(b, top)).As<short, ushort>(),
                Vector.Narrow(Byte(c, top), Byte(d, top)).As<short, ushort>()).CopyTo(target[j..]);
        }

        ScalarRowKernels.Down(rows, offsets, weights, target, j);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector<int> Byte(Vector<int> sum, Vector<int> top) =>
        Vector.Min(Vector.Max(sum >> ResampleWeights.Bits, Vector<int>.Zero), top);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector128<int> Widen(ref byte pixel)
    {
        var four = Vector128.CreateScalarUnsafe(Unsafe.ReadUnaligned<uint>(ref pixel)).AsByte();
        return Sse41.IsSupported
            ? Sse41.ConvertToVector128Int32(four)
            : Vector128.WidenLower(Vector128.WidenLower(four)).AsInt32();
    }

    // A pixel is read as four bytes and an output written as four, so the last of each are left to the scalar loop.
    private static void AcrossFour(ReadOnlySpan<byte> source, int sourcePitch, Span<byte> target, int targetPitch, ResampleWeights weights)
    {
        var outputs = weights.First.Length;
        var readable = source.Length - ((Rows - 1) * sourcePitch);
        ArgumentOutOfRangeException.ThrowIfLessThan(target.Length, ((Rows - 1) * targetPitch) + (3 * outputs), nameof(target));
        ref var pixels = ref MemoryMarshal.GetReference(source);
        ref var made = ref MemoryMarshal.GetReference(target);
        ref var table = ref MemoryMarshal.GetArrayDataReference(weights.Weights);
        var x = 0;
        for (; x < outputs - 1; x++)
        {
            var (first, count) = (weights.First[x], weights.Count[x]);
            if (3 * (first + count) >= readable)
            {
                break;
            }

            ref var row0 = ref Unsafe.Add(ref pixels, 3 * first);
            ref var row1 = ref Unsafe.Add(ref row0, sourcePitch);
            ref var row2 = ref Unsafe.Add(ref row1, sourcePitch);
            ref var row3 = ref Unsafe.Add(ref row2, sourcePitch);
            ref var taps = ref Unsafe.Add(ref table, x * weights.Stride);
            Vector128<int> sum0 = Vector128.Create(Half), sum1 = sum0, sum2 = sum0, sum3 = sum0;
            for (nint i = 0; i < count; i++)
            {
                var weight = Vector128.Create(Unsafe.Add(ref taps, i));
                sum0 += Widen(ref Unsafe.Add(ref row0, 3 * i)) * weight;
                sum1 += Widen(ref Unsafe.Add(ref row1, 3 * i)) * weight;
                sum2 += Widen(ref Unsafe.Add(ref row2, 3 * i)) * weight;
                sum3 += Widen(ref Unsafe.Add(ref row3, 3 * i)) * weight;
            }

            var upper = Vector128.NarrowWithSaturation(sum0 >> ResampleWeights.Bits, sum1 >> ResampleWeights.Bits);
            var lower = Vector128.NarrowWithSaturation(sum2 >> ResampleWeights.Bits, sum3 >> ResampleWeights.Bits);
            var bytes = Vector128.NarrowWithSaturation(
                Vector128.Max(upper, Vector128<short>.Zero).AsUInt16(), Vector128.Max(lower, Vector128<short>.Zero).AsUInt16()).AsUInt32();
            ref var to = ref Unsafe.Add(ref made, 3 * x);
            for (var r = 0; r < Rows; r++)
            {
                Unsafe.WriteUnaligned(ref Unsafe.Add(ref to, r * targetPitch), bytes.GetElement(r));
            }
        }

        for (var r = 0; r < Rows && x < outputs; r++)
        {
            ScalarRowKernels.Across(source[(r * sourcePitch)..], target[(r * targetPitch)..], weights, x);
        }
    }
}
