namespace OnnxTransfer.Study;

/// <summary>How the codes of a set compare with a reference's at one layer.</summary>
/// <param name="Tap">The layer's tensor.</param>
/// <param name="Frechet">
/// The Fréchet distance of two normal distributions with diagonal covariances (Dowson and Landau, 1982), over the reference's
/// variance: sum_j ((m_j - k_j)^2 + (s_j - t_j)^2) / sum_j t_j^2, with means m, k and estimated standard deviations s, t. 0 for equal
/// statistics. It grows with whatever is different, be it blur, colour or a narrow choice of subjects, and so decides nothing.
/// </param>
/// <param name="Strength">
/// The root of the mean squared length of a code over the reference's: sqrt(sum_j (m_j^2 + s_j^2)) / sqrt(sum_j (k_j^2 + t_j^2)). The
/// last layers answer to what the network was trained to tell apart: short codes are the mark of strange images (Park, Chai, Yoon
/// and Hwang, 2023).
/// </param>
/// <param name="Activity">
/// How much a unit varies between images, over how much it does in the reference, the geometric mean over the units: exp(mean_j r_j),
/// r_j = ln((s_j^2 + e) / (t_j^2 + e)) less its mean by chance (<see cref="Chance"/>), e a thousandth of the reference's mean variance, so
/// that units that never answer count little. Above 1 where images drive the layer hard, as textures do early layers; below where they
/// leave it idle, as plain backgrounds do.
/// </param>
/// <param name="Shift">
/// How far units lie from the reference in spread and in level: sqrt(mean_j (r_j^2 + (m_j - k_j)^2 / (t_j^2 + e)) - v), v what chance
/// makes of it in a sample of so many classes (<see cref="SampledStatistics"/>). 0 where no more than chance is left. Units that vary more and others that vary less do
/// not make up for each other.
/// </param>
public sealed record CodeDistance(string Tap, double Frechet, double Strength, double Activity, double Shift)
{
    private const double Floor = 1e-3;

    /// <summary>The distance of what photos tell of a layer from the reference's statistics of it, which are of so many images.</summary>
    /// <returns>Null where the codes are not of the same length, or the reference's are all alike or of fewer than two images.</returns>
    internal static CodeDistance? Of(SampledStatistics photos, LayerStatistics reference, int referenceImages)
    {
        ArgumentNullException.ThrowIfNull(photos);
        ArgumentNullException.ThrowIfNull(reference);
        if (photos.Mean.Length != reference.Mean.Count || referenceImages < 2)
        {
            return null;
        }

        // The file has mean squares; over one image fewer they are estimates without bias, as the photos' are.
        double[] variance = [.. reference.Variance.Select(square => square * referenceImages / (referenceImages - 1))];
        var ofReference = Chance.Of(referenceImages - 1);
        var floor = Floor * variance.Average();
        var (apart, length, referenceLength, ratios, shift) = (0.0, 0.0, 0.0, 0.0, 0.0);
        for (var j = 0; j < variance.Length; j++)
        {
            var between = Square(photos.Mean[j] - reference.Mean[j]);
            apart += between + Square(Math.Sqrt(photos.Variance[j]) - Math.Sqrt(variance[j]));
            length += Square(photos.Mean[j]) + photos.Variance[j];
            referenceLength += Square(reference.Mean[j]) + variance[j];
            var chance = Chance.Of(photos.Freedom[j]);
            var ratio = Math.Log((photos.Variance[j] + floor) / (variance[j] + floor)) - chance.Bias + ofReference.Bias;
            ratios += ratio;
            shift += Square(ratio) - chance.Variance - ofReference.Variance + ((between - photos.MeanVariance[j] - (variance[j] / referenceImages)) / (variance[j] + floor));
        }

        var distance = new CodeDistance(
            photos.Tap, apart / variance.Sum(), Math.Sqrt(length / referenceLength), Math.Exp(ratios / variance.Length),
            Math.Sqrt(Math.Max(0, shift / variance.Length)));
        return double.IsFinite(distance.Frechet) && double.IsFinite(distance.Strength) && double.IsFinite(distance.Shift) ? distance : null;
    }

    private static double Square(double value) => value * value;
}
