namespace OnnxTransfer.Study;

/// <summary>How the codes of a set compare with a reference's at one layer.</summary>
/// <param name="Tap">The layer's tensor.</param>
/// <param name="Frechet">
/// The Fréchet distance of two normal distributions with diagonal covariances (Dowson and Landau, 1982), over the reference's
/// variance: sum_j ((m_j - r_j)^2 + (s_j - t_j)^2) / sum_j t_j^2, with means m, r and standard deviations s, t. 0 for equal
/// statistics. It grows with whatever is different, be it blur, colour or a narrow choice of subjects, and so decides nothing.
/// </param>
/// <param name="Strength">
/// The root of the mean squared length of a code over the reference's: sqrt(sum_j (m_j^2 + s_j^2)) / sqrt(sum_j (r_j^2 + t_j^2)). The
/// last layers answer to what the network was trained to tell apart: short codes are the mark of strange images (Park, Chai, Yoon
/// and Hwang, 2023).
/// </param>
/// <param name="Activity">
/// How much a unit varies between images, over how much it does in the reference, the geometric mean over the units:
/// exp(mean_j ln((s_j^2 + e) / (t_j^2 + e))), e a thousandth of the reference's mean variance, so that units that never answer count
/// little. Small where many of the things that the network knows never occur.
/// </param>
public sealed record CodeDistance(string Tap, double Frechet, double Strength, double Activity)
{
    private const double Floor = 1e-3;

    /// <summary>The distance of a layer's statistics from the reference's.</summary>
    /// <returns>Null where the codes are not of the same length, or the reference's are all alike.</returns>
    public static CodeDistance? Of(LayerStatistics layer, LayerStatistics reference)
    {
        ArgumentNullException.ThrowIfNull(layer);
        ArgumentNullException.ThrowIfNull(reference);
        if (layer.Mean.Count != reference.Mean.Count)
        {
            return null;
        }

        var floor = Floor * reference.Variance.Average();
        var (apart, length, referenceLength, logarithms) = (0.0, 0.0, 0.0, 0.0);
        for (var j = 0; j < layer.Mean.Count; j++)
        {
            apart += Square(layer.Mean[j] - reference.Mean[j]) + Square(Math.Sqrt(layer.Variance[j]) - Math.Sqrt(reference.Variance[j]));
            length += Square(layer.Mean[j]) + layer.Variance[j];
            referenceLength += Square(reference.Mean[j]) + reference.Variance[j];
            logarithms += Math.Log((layer.Variance[j] + floor) / (reference.Variance[j] + floor));
        }

        var distance = new CodeDistance(
            layer.Tap, apart / reference.Variance.Sum(), Math.Sqrt(length / referenceLength), Math.Exp(logarithms / layer.Mean.Count));
        return double.IsFinite(distance.Frechet) && double.IsFinite(distance.Strength) && double.IsFinite(distance.Activity) ? distance : null;
    }

    private static double Square(double value) => value * value;
}
