namespace OnnxTransfer.Imaging;

/// <summary>The contract of <see cref="RowKernels"/> in plain loops: what the vectors leave over, and the tests' oracle.</summary>
internal static class ScalarRowKernels
{
    /// <summary>As <see cref="RowKernels.Across"/>, from output <paramref name="start"/> on.</summary>
    public static void Across(ReadOnlySpan<byte> source, Span<byte> target, ResampleWeights weights, int start = 0)
    {
        for (var x = start; x < weights.First.Length; x++)
        {
            var taps = weights.Weights.AsSpan(x * weights.Stride, weights.Count[x]);
            var pixels = source.Slice(3 * weights.First[x], 3 * taps.Length);
            for (var c = 0; c < 3; c++)
            {
                var sum = RowKernels.Half;
                for (var i = 0; i < taps.Length; i++)
                {
                    sum += pixels[(3 * i) + c] * taps[i];
                }

                target[(3 * x) + c] = Byte(sum);
            }
        }
    }

    /// <summary>As <see cref="RowKernels.Down"/>, from byte <paramref name="start"/> on.</summary>
    public static void Down(ReadOnlySpan<byte> rows, ReadOnlySpan<int> offsets, ReadOnlySpan<int> weights, Span<byte> target, int start = 0)
    {
        for (var j = start; j < target.Length; j++)
        {
            var sum = RowKernels.Half;
            for (var i = 0; i < offsets.Length; i++)
            {
                sum += rows[offsets[i] + j] * weights[i];
            }

            target[j] = Byte(sum);
        }
    }

    private static byte Byte(int sum) => (byte)Math.Clamp(sum >> ResampleWeights.Bits, 0, 255);
}
