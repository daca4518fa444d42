namespace OnnxTransfer.Imaging;

/// <summary>
/// The integer weights of one axis of Pillow's antialiased resize (Resample.c, precompute_coeffs): for each output
/// position the first source position and as many weights, scaled by 2^22, as the filter's support reaches.
/// </summary>
internal sealed class ResampleWeights
{
    /// <summary>The fixed-point scale: 32 bits less 8 of the pixel less 2 for sums beyond one.</summary>
    public const int Bits = 32 - 8 - 2;

    private ResampleWeights(int[] first, int[] count, int[] weights, int stride) =>
        (First, Count, Weights, Stride) = (first, count, weights, stride);

    /// <summary>The first source position of each output.</summary>
    public int[] First { get; }

    /// <summary>How many source positions each output reads.</summary>
    public int[] Count { get; }

    /// <summary>The weights, <see cref="Stride"/> places for each output.</summary>
    public int[] Weights { get; }

    /// <summary>The places reserved for each output.</summary>
    public int Stride { get; }

    /// <summary>The weights of <paramref name="count"/> outputs from <paramref name="start"/> on, of a resize from <paramref name="from"/> to <paramref name="to"/>.</summary>
    public static ResampleWeights For(int from, int to, ResizeFilter filter, int start, int count)
    {
        var scale = (double)from / to;
        var filterScale = Math.Max(scale, 1);
        var support = (filter == ResizeFilter.Bicubic ? 2.0 : 1.0) * filterScale;
        var stride = ((int)Math.Ceiling(support) * 2) + 1;
        var first = new int[count];
        var counts = new int[count];
        var weights = new int[count * stride];
        var row = new double[stride];
        for (var i = 0; i < count; i++)
        {
            var centre = (start + i + 0.5) * scale;
            var low = Math.Max(0, (int)(centre - support + 0.5));
            var high = Math.Min(from, (int)(centre + support + 0.5));
            double sum = 0;
            for (var j = low; j < high; j++)
            {
                row[j - low] = Value(filter, (j - centre + 0.5) * (1 / filterScale));
                sum += row[j - low];
            }

            for (var j = 0; j < high - low; j++)
            {
                // Pillow divides by multiplying with the reciprocal only when the sum is not zero.
                var weight = (sum != 0 ? row[j] / sum : row[j]) * (1 << Bits);
                weights[(i * stride) + j] = (int)(weight < 0 ? weight - 0.5 : weight + 0.5);
            }

            first[i] = low;
            counts[i] = high - low;
        }

        return new ResampleWeights(first, counts, weights, stride);
    }

    private static double Value(ResizeFilter filter, double x)
    {
        x = Math.Abs(x);
        if (filter == ResizeFilter.Bilinear)
        {
            return x < 1 ? 1 - x : 0;
        }

        const double A = -0.5;
        return x < 1 ? (((A + 2) * x) - (A + 3)) * x * x + 1
            : x < 2 ? ((((x - 5) * x) + 8) * x - 4) * A
            : 0;
    }
}
