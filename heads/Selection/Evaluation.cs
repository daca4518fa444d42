using System.Globalization;

namespace OnnxTransfer.Heads;

/// <summary>Predictions against the truth, every metric with its 95 % interval.</summary>
/// <remarks>
/// Intervals of shares of independent images are Wilson's; all others are a seeded percentile bootstrap of 1,000 draws,
/// over whole groups where groups are given. A draw repeats images, which makes bins of confidence look worse than they
/// are: the interval of the calibration error leans upwards, and more so the fewer images there are.
/// </remarks>
public sealed class Evaluation
{
    // What a softmax in float32 may be above 1.
    private const double Rounding = 1e-5;

    private readonly Tally tally;
    private readonly bool grouped;
    private readonly bool probable;
    private readonly Lazy<Interval[]> intervals;

    private Evaluation(IReadOnlyList<string> labels, Outcome[] outcomes, IReadOnlyList<int>? groups)
    {
        Labels = labels;
        tally = Tally.Of(outcomes, labels.Count);
        (grouped, probable) = (groups is not null, !Array.Exists(outcomes, static of => double.IsNaN(of.Loss)));
        var confusion = labels.Select(_ => new int[labels.Count]).ToArray();
        foreach (var outcome in outcomes)
        {
            confusion[outcome.Truth][outcome.Predicted]++;
        }

        Confusion = confusion;
        Images = outcomes.Length;
        intervals = new Lazy<Interval[]>(() => Bootstrap.Intervals(
            outcomes, labels.Count, groups,
            static of => of.Accuracy, static of => of.BalancedAccuracy, static of => of.MacroF1, static of => of.LogLoss,
            static of => of.CalibrationError));
    }

    /// <summary>The K classes, in the order of the matrix.</summary>
    public IReadOnlyList<string> Labels { get; }

    /// <summary>K x K counts: row the truth, column the prediction.</summary>
    public IReadOnlyList<IReadOnlyList<int>> Confusion { get; }

    /// <summary>All images.</summary>
    public int Images { get; }

    /// <summary>The share predicted right; NaN where there is no image.</summary>
    public double Accuracy => tally.Accuracy;

    /// <summary>Its 95 % interval.</summary>
    public Interval AccuracyInterval => grouped ? intervals.Value[0] : Interval.Wilson(tally.Correct, Images);

    /// <summary>The mean over classes of the share of a class predicted right (recall); classes without images do not count.</summary>
    public MetricEstimate BalancedAccuracy => new(tally.BalancedAccuracy, intervals.Value[1]);

    /// <summary>The mean of F1 = 2 TP / (2 TP + FP + FN) over the classes that occur or are predicted.</summary>
    public MetricEstimate MacroF1 => new(tally.MacroF1, intervals.Value[2]);

    /// <summary>The mean of <see cref="Outcome.Loss"/>, -log p of the true class; null where there are no probabilities.</summary>
    public MetricEstimate? LogLoss => probable ? new(tally.LogLoss, intervals.Value[3]) : null;

    /// <summary>
    /// The expected calibration error (ECE) over 15 bins of equal width on the predicted class's probability (Guo, Pleiss,
    /// Sun and Weinberger, 2017); null where there are no probabilities.
    /// </summary>
    public MetricEstimate? CalibrationError => probable ? new(tally.CalibrationError, intervals.Value[4]) : null;

    /// <summary>
    /// Each class, in the order of <see cref="Labels"/>; the accuracy of a class without images is NaN, and its interval
    /// takes images as independent.
    /// </summary>
    public IReadOnlyList<ClassEvaluation> PerClass =>
    [
        .. Labels.Select((label, k) =>
        {
            var (images, correct) = (Confusion[k].Sum(), Confusion[k][k]);
            return new ClassEvaluation(label, images, correct, (double)correct / images, Interval.Wilson(correct, images));
        }),
    ];

    /// <summary>One of the metrics that a C can be judged by; null for the log-loss where there are no probabilities.</summary>
    public MetricEstimate? Metric(SelectionMetric metric) => metric switch
    {
        SelectionMetric.BalancedAccuracy => BalancedAccuracy,
        SelectionMetric.MacroF1 => MacroF1,
        SelectionMetric.LogLoss => LogLoss,
        _ => new(Accuracy, AccuracyInterval),
    };

    /// <summary>Counts predictions against the truth; both are indices into <paramref name="labels"/>.</summary>
    /// <param name="labels">The K classes.</param>
    /// <param name="truth">N indices.</param>
    /// <param name="predicted">N indices.</param>
    /// <param name="groups">N numbers: images of one number depend on each other; null: all are independent.</param>
    /// <exception cref="OnnxTransferException">
    /// <see cref="FailureKind.Usage"/>: not as many predictions or groups as truths, or an index out of range.
    /// </exception>
    public static Evaluation Of(
        IReadOnlyList<string> labels, IReadOnlyList<int> truth, IReadOnlyList<int> predicted, IReadOnlyList<int>? groups = null)
    {
        ArgumentNullException.ThrowIfNull(labels);
        ArgumentNullException.ThrowIfNull(truth);
        ArgumentNullException.ThrowIfNull(predicted);
        if (truth.Count != predicted.Count)
        {
            throw new OnnxTransferException(
                FailureKind.Usage, $"There are {truth.Count} labels but {predicted.Count} predictions; give one prediction per label.");
        }

        return Of(labels, [.. truth.Select((of, i) => new Outcome(of, predicted[i], double.NaN, double.NaN))], groups);
    }

    /// <summary>Judges probabilities against the truth; the most probable class is predicted, and of equals the first.</summary>
    /// <param name="labels">The K classes.</param>
    /// <param name="truth">N indices into them.</param>
    /// <param name="probabilities">N x K, row by row.</param>
    /// <param name="groups">N numbers: images of one number depend on each other; null: all are independent.</param>
    /// <exception cref="OnnxTransferException">
    /// <see cref="FailureKind.Usage"/>: not N x K probabilities or N groups, an index out of range, or a number that is no
    /// probability.
    /// </exception>
    public static Evaluation Of(
        IReadOnlyList<string> labels, IReadOnlyList<int> truth, ReadOnlyMemory<double> probabilities, IReadOnlyList<int>? groups = null)
    {
        ArgumentNullException.ThrowIfNull(labels);
        ArgumentNullException.ThrowIfNull(truth);
        if (probabilities.Length != (long)truth.Count * labels.Count)
        {
            throw new OnnxTransferException(
                FailureKind.Usage,
                $"There are {probabilities.Length} probabilities for {truth.Count} labels of {labels.Count} classes; "
                + "give one for every label and class.");
        }

        var outcomes = new Outcome[truth.Count];
        for (var i = 0; i < outcomes.Length; i++)
        {
            var row = probabilities.Span.Slice(i * labels.Count, labels.Count);
            CheckIndex(i, truth[i], 0, labels.Count);
            foreach (var probability in row)
            {
                CheckProbability(i, probability);
            }

            var best = First.OfLargest(row);
            outcomes[i] = new Outcome(truth[i], best, row[truth[i]], row[best]);
        }

        return Of(labels, outcomes, groups);
    }

    /// <summary>Judges images one by one, where the probabilities of all classes need not be kept.</summary>
    /// <param name="labels">The K classes.</param>
    /// <param name="outcomes">N images; they have probabilities all or none.</param>
    /// <param name="groups">N numbers: images of one number depend on each other; null: all are independent.</param>
    /// <inheritdoc cref="Of(IReadOnlyList{string}, IReadOnlyList{int}, ReadOnlyMemory{double}, IReadOnlyList{int}?)" path="/exception"/>
    public static Evaluation Of(IReadOnlyList<string> labels, IReadOnlyList<Outcome> outcomes, IReadOnlyList<int>? groups = null)
    {
        ArgumentNullException.ThrowIfNull(labels);
        ArgumentNullException.ThrowIfNull(outcomes);
        if (groups is not null && groups.Count != outcomes.Count)
        {
            throw new OnnxTransferException(
                FailureKind.Usage, $"There are {outcomes.Count} labels but {groups.Count} groups; give one group per label.");
        }

        var without = outcomes.Count > 0 && double.IsNaN(outcomes[0].TruthProbability);
        for (var i = 0; i < outcomes.Count; i++)
        {
            var outcome = outcomes[i];
            CheckIndex(i, outcome.Truth, outcome.Predicted, labels.Count);
            if (double.IsNaN(outcome.TruthProbability) != without || double.IsNaN(outcome.Confidence) != without)
            {
                throw new OnnxTransferException(
                    FailureKind.Usage, $"Image {i} has probabilities and others have none, or the other way round; give them for all or none.");
            }

            if (!without)
            {
                CheckProbability(i, outcome.TruthProbability);
                CheckProbability(i, outcome.Confidence);
            }
        }

        return new Evaluation(labels, [.. outcomes], groups);
    }

    private static void CheckIndex(int image, int truth, int predicted, int classes)
    {
        if ((uint)truth >= classes || (uint)predicted >= classes)
        {
            throw new OnnxTransferException(
                FailureKind.Usage, $"Image {image} has class {truth} and prediction {predicted}; indices run from 0 to {classes - 1}.");
        }
    }

    private static void CheckProbability(int image, double probability)
    {
        if (probability is not (>= 0 and <= 1 + Rounding))
        {
            throw new OnnxTransferException(
                FailureKind.Usage,
                $"Image {image} has the probability {probability.ToString(CultureInfo.InvariantCulture)}; "
                + "give numbers from 0 to 1, such as the softmax of the scores.");
        }
    }
}

/// <summary>One class: its images, how many were predicted right, the share (recall) with its 95 % interval.</summary>
public sealed record ClassEvaluation(string Label, int Images, int Correct, double Accuracy, Interval Interval);
