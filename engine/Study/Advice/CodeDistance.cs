namespace OnnxTransfer.Study;

/// <summary>How the codes of a set compare with a reference's at one layer.</summary>
/// <param name="Tap">The layer's tensor.</param>
/// <param name="Frechet">
/// The Fréchet distance of two normal distributions with diagonal covariances (Dowson and Landau, 1982), over the reference's
/// variance: sum_j ((m_j - k_j)^2 + (s_j - t_j)^2) / sum_j t_j^2, with means m, k and standard deviations s, t. 0 for equal
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
/// makes of it. 0 where no more than chance is left. Units that vary more and others that vary less do
/// not make up for each other.
/// </param>
public sealed record CodeDistance(string Tap, double Frechet, double Strength, double Activity, double Shift)
{
    private const double Floor = 1e-3;

    /// <summary>The distance of a layer's statistics over some images from the reference's over others.</summary>
    /// <returns>Null where the codes are not of the same length, the reference's are all alike, or either has fewer than two images.</returns>
    public static CodeDistance? Of(LayerStatistics layer, int images, LayerStatistics reference, int referenceImages)
    {
        ArgumentNullException.ThrowIfNull(layer);
        ArgumentNullException.ThrowIfNull(reference);
        if (layer.Mean.Count != reference.Mean.Count || images < 2 || referenceImages < 2)
        {
            return null;
        }

        var chance = Chance.Of(images, referenceImages);
        var floor = Floor * reference.Variance.Average();
        var (apart, length, referenceLength, ratios, shift) = (0.0, 0.0, 0.0, 0.0, 0.0);
        for (var j = 0; j < layer.Mean.Count; j++)
        {
            apart += Square(layer.Mean[j] - reference.Mean[j]) + Square(Math.Sqrt(layer.Variance[j]) - Math.Sqrt(reference.Variance[j]));
            length += Square(layer.Mean[j]) + layer.Variance[j];
            referenceLength += Square(reference.Mean[j]) + reference.Variance[j];
            var ratio = Math.Log((layer.Variance[j] + floor) / (reference.Variance[j] + floor)) - chance.Bias;
            ratios += ratio;

            // Chance moves a mean by its variance over the number of images, each variance here being the mean square and so a touch too small.
            var ofMeans = (layer.Variance[j] / (images - 1)) + (reference.Variance[j] / (referenceImages - 1));
            shift += Square(ratio) - chance.Variance + ((Square(layer.Mean[j] - reference.Mean[j]) - ofMeans) / (reference.Variance[j] + floor));
        }

        var units = layer.Mean.Count;
        var distance = new CodeDistance(
            layer.Tap, apart / reference.Variance.Sum(), Math.Sqrt(length / referenceLength), Math.Exp(ratios / units),
            Math.Sqrt(Math.Max(0, shift / units)));
        return double.IsFinite(distance.Frechet) && double.IsFinite(distance.Strength) && double.IsFinite(distance.Shift) ? distance : null;
    }

    private static double Square(double value) => value * value;
}
