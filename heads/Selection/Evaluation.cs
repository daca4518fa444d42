namespace OnnxTransfer.Heads;

/// <summary>Predictions against the truth.</summary>
public sealed class Evaluation
{
    /// <summary>The K classes, in the order of the matrix.</summary>
    public required IReadOnlyList<string> Labels { get; init; }

    /// <summary>K x K counts: row the truth, column the prediction.</summary>
    public required IReadOnlyList<IReadOnlyList<int>> Confusion { get; init; }

    /// <summary>All images.</summary>
    public int Images => Confusion.Sum(row => row.Sum());

    /// <summary>The share predicted right; NaN where there is no image.</summary>
    public double Accuracy => (double)Correct / Images;

    /// <summary>Its 95 % interval.</summary>
    public Interval AccuracyInterval => Interval.Wilson(Correct, Images);

    /// <summary>Each class, in the order of <see cref="Labels"/>; the accuracy of a class without images is NaN.</summary>
    public IReadOnlyList<ClassEvaluation> PerClass =>
    [
        .. Labels.Select((label, k) =>
        {
            var (images, correct) = (Confusion[k].Sum(), Confusion[k][k]);
            return new ClassEvaluation(label, images, correct, (double)correct / images, Interval.Wilson(correct, images));
        }),
    ];

    private int Correct => Confusion.Select((row, k) => row[k]).Sum();

    /// <summary>Counts predictions against the truth; both are indices into <paramref name="labels"/>.</summary>
    /// <exception cref="OnnxTransferException">
    /// <see cref="FailureKind.Usage"/>: not as many predictions as truths, or an index out of range.
    /// </exception>
    public static Evaluation Of(IReadOnlyList<string> labels, IReadOnlyList<int> truth, IReadOnlyList<int> predicted)
    {
        ArgumentNullException.ThrowIfNull(labels);
        ArgumentNullException.ThrowIfNull(truth);
        ArgumentNullException.ThrowIfNull(predicted);
        if (truth.Count != predicted.Count)
        {
            throw new OnnxTransferException(
                FailureKind.Usage, $"There are {truth.Count} labels but {predicted.Count} predictions; give one prediction per label.");
        }

        var confusion = labels.Select(_ => new int[labels.Count]).ToArray();
        for (var i = 0; i < truth.Count; i++)
        {
            if ((uint)truth[i] >= labels.Count || (uint)predicted[i] >= labels.Count)
            {
                throw new OnnxTransferException(
                    FailureKind.Usage, $"Image {i} has class {truth[i]} and prediction {predicted[i]}; indices run from 0 to {labels.Count - 1}.");
            }

            confusion[truth[i]][predicted[i]]++;
        }

        return new Evaluation { Labels = labels, Confusion = confusion };
    }
}

/// <summary>One class: its images, how many were predicted right, the share (recall) with its 95 % interval.</summary>
public sealed record ClassEvaluation(string Label, int Images, int Correct, double Accuracy, Interval Interval);
