using OnnxTransfer.Engine;
using OnnxTransfer.Heads;

namespace OnnxTransfer.Study;

/// <summary>
/// What a set of photos tells of the codes of one layer over all photos of its kind. Its classes are a sample of those that there might have
/// been, and photos of one class are much alike, so that two classes of many photos tell little more than two photos: means and variances
/// are those of a sample of clusters (Cochran, 1977), each class a cluster.
/// </summary>
/// <param name="Tap">The layer's tensor.</param>
/// <param name="Mean">D numbers: the mean over the photos.</param>
/// <param name="Variance">D estimates of the variance over all photos of the kind, without bias: s^2 + <paramref name="MeanVariance"/>.</param>
/// <param name="MeanVariance">
/// D numbers: how much the mean varies by chance, k / (k - 1) sum_c (n_c / n)^2 (m_c - m)^2 over k classes with means m_c, but no less than n
/// photos of no class would give, s^2 / (n - 1).
/// </param>
/// <param name="Freedom">
/// D numbers: degrees of freedom of the variance, v^2 / (w^2 / (n - k) + b^2 / (k - 1)) with the variance w within classes and
/// b = k / (k - 1) sum_c (n_c / n) (m_c - m)^2 between them (Satterthwaite, 1946); from k - 1 to n - 1.
/// </param>
internal sealed record SampledStatistics(string Tap, double[] Mean, double[] Variance, double[] MeanVariance, double[] Freedom)
{
    /// <summary>The statistics of codes and the classes of their photos; where all are of one class, each photo counts as a class.</summary>
    /// <returns>Null for fewer than two photos.</returns>
    public static SampledStatistics? Of(CodeColumn column, CodeMatrix codes, IReadOnlyList<string> labels)
    {
        ArgumentNullException.ThrowIfNull(column);
        ArgumentNullException.ThrowIfNull(codes);
        ArgumentNullException.ThrowIfNull(labels);
        var rows = Enumerable.Range(0, codes.Rows).ToArray();
        int[][] classes = [.. rows.GroupBy(row => labels[row], StringComparer.Ordinal).Select(static group => group.ToArray())];
        classes = classes.Length > 1 ? classes : [.. rows.Select(static row => new[] { row })];
        return codes.Rows < 2 ? null : Of(column.Tap, codes, classes);
    }

    private static SampledStatistics Of(string tap, CodeMatrix codes, int[][] classes)
    {
        var (images, units) = (codes.Rows, codes.Columns);
        var mean = MeanOf(codes, [.. Enumerable.Range(0, images)]);
        var (within, between, ofMean) = (new double[units], new double[units], new double[units]);
        foreach (var members in classes)
        {
            var own = MeanOf(codes, members);
            var share = (double)members.Length / images;
            for (var j = 0; j < units; j++)
            {
                var apart = Math.Pow(own[j] - mean[j], 2);
                (between[j], ofMean[j]) = (between[j] + (share * apart), ofMean[j] + (share * share * apart));
            }

            foreach (var row in members)
            {
                var code = codes.Row(row);
                for (var j = 0; j < units; j++)
                {
                    within[j] += Math.Pow(code[j] - own[j], 2);
                }
            }
        }

        var (k, variance, freedom) = ((double)classes.Length, new double[units], new double[units]);
        for (var j = 0; j < units; j++)
        {
            var spread = (within[j] / images) + between[j];
            ofMean[j] = Math.Max(ofMean[j] * k / (k - 1), spread / (images - 1));
            variance[j] = spread + ofMean[j];
            var (w, b) = (images > k ? within[j] / (images - k) : 0, between[j] * k / (k - 1));
            var ofVariance = (images > k ? w * w / (images - k) : 0) + (b * b / (k - 1));
            freedom[j] = ofVariance > 0 ? Math.Clamp(variance[j] * variance[j] / ofVariance, k - 1, images - 1) : images - 1;
        }

        return new SampledStatistics(tap, mean, variance, ofMean, freedom);
    }

    private static double[] MeanOf(CodeMatrix codes, int[] rows)
    {
        var mean = new double[codes.Columns];
        foreach (var row in rows)
        {
            var code = codes.Row(row);
            for (var j = 0; j < mean.Length; j++)
            {
                mean[j] += code[j] / (double)rows.Length;
            }
        }

        return mean;
    }
}
