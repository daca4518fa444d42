namespace OnnxTransfer.Heads;

/// <summary>
/// A map from the K scores of a code to its probabilities: with z_k = a_k s_k + b_k, the softmax of z (temperature:
/// a_k = 1 / T, b_k = 0), or sigmoid(z_k) / sum_j sigmoid(z_j) (Platt).
/// </summary>
public sealed class Calibration
{
    private Calibration(CalibrationMethod method, double? temperature, double[] scales, double[] shifts) =>
        (Method, Temperature, Scales, Shifts) = (method, temperature, scales, shifts);

    /// <summary>Temperature or Platt.</summary>
    public CalibrationMethod Method { get; }

    /// <summary>T, above 0; null for Platt's.</summary>
    public double? Temperature { get; }

    /// <summary>a: K numbers.</summary>
    public IReadOnlyList<double> Scales { get; }

    /// <summary>b: K numbers.</summary>
    public IReadOnlyList<double> Shifts { get; }

    /// <summary>Softmax of s / T.</summary>
    /// <exception cref="ArgumentOutOfRangeException">T or 1 / T is not above 0 and finite.</exception>
    public static Calibration OfTemperature(double temperature, int classes)
    {
        if (!(temperature > 0 && double.IsFinite(temperature) && double.IsFinite(1 / temperature)))
        {
            throw new ArgumentOutOfRangeException(nameof(temperature), temperature, "A temperature is a finite number above 0.");
        }

        var scales = new double[classes];
        Array.Fill(scales, 1 / temperature);
        return new Calibration(CalibrationMethod.Temperature, temperature, scales, new double[classes]);
    }

    /// <summary>Sigmoids of a_k s_k + b_k, normalised.</summary>
    /// <exception cref="ArgumentException">Not as many scales as shifts, or a number that is not finite.</exception>
    public static Calibration OfPlatt(IReadOnlyList<double> scales, IReadOnlyList<double> shifts)
    {
        ArgumentNullException.ThrowIfNull(scales);
        ArgumentNullException.ThrowIfNull(shifts);
        return scales.Count == shifts.Count && scales.All(double.IsFinite) && shifts.All(double.IsFinite)
            ? new Calibration(CalibrationMethod.Platt, null, [.. scales], [.. shifts])
            : throw new ArgumentException("Platt's scaling takes a finite scale and a finite shift for every class.", nameof(scales));
    }

    /// <summary>Replaces the K scores of a code by its probabilities.</summary>
    public void Apply(Span<double> scores)
    {
        for (var k = 0; k < scores.Length; k++)
        {
            var z = (Scales[k] * scores[k]) + Shifts[k];

            // The softmax of log sigmoid is the normalised sigmoid, and is no 0 / 0 where every sigmoid underflows.
            scores[k] = Method == CalibrationMethod.Platt ? -PlattScaling.Softplus(-z) : z;
        }

        SoftmaxLoss.Probabilities(scores);
    }
}
