using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace OnnxTransfer.FineTuning;

/// <summary>A row as the numbers in even and in odd places.</summary>
internal static unsafe class EvenOdd
{
    private const int Lanes = 8;

    /// <summary>even[i] = row[2 i], odd[i] = row[2 i + 1].</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Part(float* row, float* even, float* odd, int count)
    {
        var i = 0;
        for (; Avx2.IsSupported && i <= count - Lanes; i += Lanes)
        {
            Vector256<float> a = Vector256.Load(row + (2 * i)), b = Vector256.Load(row + (2 * i) + Lanes);
            Avx2.Permute4x64(Avx.Shuffle(a, b, 0x88).AsDouble(), 0xD8).AsSingle().Store(even + i);
            Avx2.Permute4x64(Avx.Shuffle(a, b, 0xDD).AsDouble(), 0xD8).AsSingle().Store(odd + i);
        }

        for (; i < count; i++)
        {
            (even[i], odd[i]) = (row[2 * i], row[(2 * i) + 1]);
        }
    }

    /// <summary>The other way.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Join(float* even, float* odd, float* row, int count)
    {
        var i = 0;
        for (; Avx.IsSupported && i <= count - Lanes; i += Lanes)
        {
            Vector256<float> a = Vector256.Load(even + i), b = Vector256.Load(odd + i);
            Vector256<float> low = Avx.UnpackLow(a, b), high = Avx.UnpackHigh(a, b);
            Avx.Permute2x128(low, high, 0x20).Store(row + (2 * i));
            Avx.Permute2x128(low, high, 0x31).Store(row + (2 * i) + Lanes);
        }

        for (; i < count; i++)
        {
            (row[2 * i], row[(2 * i) + 1]) = (even[i], odd[i]);
        }
    }
}
