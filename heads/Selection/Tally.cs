namespace OnnxTransfer.Heads;

/// <summary>Sums over outcomes from which every metric follows.</summary>
internal sealed class Tally(int classes)
{
    /// <summary>Bins of equal width that the calibration error sorts confidences into.</summary>
    public const int Bins = 15;

    private readonly int[] truths = new int[classes];
    private readonly int[] predictions = new int[classes];
    private readonly int[] hits = new int[classes];
    private readonly double[] confidences = new double[Bins];
    private readonly int[] binHits = new int[Bins];
    private double losses;
    private int images;

    /// <summary>The tally of some outcomes.</summary>
    public static Tally Of(ReadOnlySpan<Outcome> outcomes, int classes)
    {
        var tally = new Tally(classes);
        foreach (var outcome in outcomes)
        {
            tally.Add(outcome, outcome.Loss);
        }

        return tally;
    }

    /// <summary>Counts one more; the loss is its <see cref="Outcome.Loss"/>, which callers that count it often have at hand.</summary>
    public void Add(in Outcome outcome, double loss)
    {
        var hit = outcome.Truth == outcome.Predicted ? 1 : 0;
        images++;
        truths[outcome.Truth]++;
        predictions[outcome.Predicted]++;
        hits[outcome.Truth] += hit;
        losses += loss;
        if (outcome.Confidence >= 0)
        {
            var bin = Math.Clamp((int)Math.Ceiling(outcome.Confidence * Bins) - 1, 0, Bins - 1);
            confidences[bin] += outcome.Confidence;
            binHits[bin] += hit;
        }
    }

    /// <summary>Back to nothing.</summary>
    public void Clear()
    {
        Array.Clear(truths);
        Array.Clear(predictions);
        Array.Clear(hits);
        Array.Clear(confidences);
        Array.Clear(binHits);
        (losses, images) = (0, 0);
    }

    /// <summary>A metric; NaN where there is no outcome.</summary>
    public double Of(SelectionMetric metric) => metric switch
    {
        SelectionMetric.BalancedAccuracy => BalancedAccuracy,
        SelectionMetric.MacroF1 => MacroF1,
        SelectionMetric.LogLoss => LogLoss,
        _ => Accuracy,
    };

    /// <summary>How many were predicted right.</summary>
    public int Correct => hits.Sum();

    /// <summary>The share predicted right.</summary>
    public double Accuracy => (double)Correct / images;

    /// <summary>The mean over the classes that occur of the share of a class predicted right.</summary>
    public double BalancedAccuracy => Mean(static (truths, _, hits) => truths > 0 ? (double)hits / truths : double.NaN);

    /// <summary>The mean of F1 = 2 TP / (2 TP + FP + FN) over the classes that occur or are predicted.</summary>
    public double MacroF1 => Mean(static (truths, predictions, hits) => 2.0 * hits / (truths + predictions));

    /// <summary>The mean of the losses.</summary>
    public double LogLoss => losses / images;

    /// <summary>
    /// The expected calibration error: the mean over images of the distance between accuracy and mean confidence within the
    /// image's bin ((m - 1) / 15, m / 15] of confidence (Naeini, Cooper and Hauskrecht, 2015; Guo, Pleiss, Sun and
    /// Weinberger, 2017).
    /// </summary>
    public double CalibrationError
    {
        get
        {
            var sum = 0.0;
            for (var bin = 0; bin < Bins; bin++)
            {
                sum += Math.Abs(binHits[bin] - confidences[bin]);
            }

            return sum / images;
        }
    }

    private double Mean(Func<int, int, int, double> ofClass)
    {
        var (sum, count) = (0.0, 0);
        for (var k = 0; k < hits.Length; k++)
        {
            var value = ofClass(truths[k], predictions[k], hits[k]);
            (sum, count) = double.IsNaN(value) ? (sum, count) : (sum + value, count + 1);
        }

        return sum / count;
    }
}
