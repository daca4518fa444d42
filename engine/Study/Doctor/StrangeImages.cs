namespace OnnxTransfer.Study;

/// <summary>Images whose codes lie far from those of all others.</summary>
internal static class StrangeImages
{
    /// <summary>The neighbour that a distance is measured to: a few copies of a strange image do not hide it.</summary>
    private const int Neighbour = 5;

    // Tukey's outer fence: three interquartile ranges above the upper quartile, on logarithms, as distances are skewed.
    private const double Fence = 3;

    /// <summary>The images beyond the fence, the strangest first.</summary>
    public static List<StrangeImage> Find(DoctorSet set, StandardCodes codes)
    {
        if (codes.Nearest.Count == 0)
        {
            return [];
        }

        double[] distances = [.. Enumerable.Range(0, set.Count).Select(i => codes.Distance(i, codes.Nearest.Of(i)[Math.Min(Neighbour, codes.Nearest.Count) - 1]))];
        double[] sorted = [.. distances.Order()];
        var (low, median, high) = (sorted[sorted.Length / 4], sorted[sorted.Length / 2], sorted[3 * sorted.Length / 4]);
        if (!(low > 0))
        {
            return [];
        }

        var limit = high * Math.Pow(high / low, Fence);
        return [.. Enumerable.Range(0, set.Count)
            .Where(i => distances[i] > limit)
            .OrderByDescending(i => distances[i])
            .ThenBy(static i => i)
            .Select(i => new StrangeImage(set.Images[i].Id, set.Labels[i], set.Images[codes.Nearest.Of(i)[0]].Id, distances[i] / median))];
    }
}
