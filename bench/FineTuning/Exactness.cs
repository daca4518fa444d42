namespace OnnxTransfer.Bench.FineTuning;

/// <summary>How far two runs of the same steps are apart.</summary>
/// <param name="Largest">
/// Of the first gradients, the largest difference in a tensor by its largest number, or by a thousandth of the largest of all: the
/// gradient of a shift before a batch normalisation is 0 but for rounding.
/// </param>
/// <param name="Norm">The length of the first gradients' difference by their length, all tensors in one vector.</param>
/// <param name="Tensor">The tensor of the largest difference.</param>
/// <param name="Losses">The largest relative difference of a loss.</param>
internal sealed record Exactness(double Largest, double Norm, string Tensor, double Losses)
{
    /// <summary>The distance of one run from another; of gradients alone where there are no losses.</summary>
    public static Exactness Of(
        IReadOnlyDictionary<string, float[]> found, IReadOnlyDictionary<string, float[]> expected, IReadOnlyList<float>? losses = null, IReadOnlyList<float>? expectedLosses = null)
    {
        var (worst, tensorOfWorst, difference, length, least) = (0.0, string.Empty, 0.0, 0.0, expected.Values.Max(static tensor => tensor.Max(Math.Abs)) / 1000);
        foreach (var (name, tensor) in expected)
        {
            var (off, largest) = (0f, least);
            for (var i = 0; i < tensor.Length; i++)
            {
                var apart = found[name][i] - tensor[i];
                off = Math.Max(off, Math.Abs(apart));
                largest = Math.Max(largest, Math.Abs(tensor[i]));
                difference += (double)apart * apart;
                length += (double)tensor[i] * tensor[i];
            }

            if (off / largest > worst)
            {
                (worst, tensorOfWorst) = (off / largest, name);
            }
        }

        return new Exactness(worst, Math.Sqrt(difference / length), tensorOfWorst, (losses ?? []).Zip(expectedLosses ?? []).Select(static pair => Math.Abs(pair.First - pair.Second) / Math.Abs(pair.Second)).DefaultIfEmpty().Max());
    }
}
