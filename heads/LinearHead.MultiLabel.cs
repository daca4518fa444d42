using System.Runtime.CompilerServices;

namespace OnnxTransfer.Heads;

/// <content>Heads whose codes have any number of labels: one binary problem for each label.</content>
public sealed partial class LinearHead
{
    /// <summary>
    /// Whether a code may have any number of the labels: each is decided by its own score, above 0 or not, and its
    /// probability is the sigmoid of that score.
    /// </summary>
    /// <exception cref="ArgumentException">It has a calibration, which is for heads of one label per code.</exception>
    public bool IsMultiLabel
    {
        get;
        init => field = value && Calibration is not null
            ? throw new ArgumentException("A multi-label head has no calibration.", nameof(value))
            : value;
    }

    /// <summary>
    /// Trains a multi-label head: minimises 1/2 ||W||^2 + C sum_i sum_k l(t_ik s_ik), t_ik = +1 where code i has label k, else
    /// -1, to <see cref="HeadOptions.RelativeGap"/>; one certificate proves all labels together. The labels of the head are
    /// those that occur, in ordinal order.
    /// </summary>
    /// <param name="codes">N x D.</param>
    /// <param name="labels">The labels of each of the N codes, in any order; a code may have none. One named twice counts once.</param>
    /// <param name="options">
    /// How, with a given C. The loss is logistic, which probabilities are best taken from, squared hinge, hinge or ridge; a
    /// softmax, the default of <see cref="HeadOptions.Loss"/>, is for one label per code.
    /// </param>
    /// <param name="cancellation">Ends the training with an <see cref="OperationCanceledException"/>.</param>
    /// <exception cref="OnnxTransferException">
    /// <see cref="FailureKind.Usage"/>: another loss, no C, weights of classes, not one set of labels per code.
    /// <see cref="FailureKind.Data"/>: a label that every code with weight has, or none of them; no label at all; a NaN or an
    /// infinity among the codes.
    /// <see cref="FailureKind.Mathematics"/>: finite codes so large that the objective is not.
    /// <see cref="FailureKind.Machine"/>: more memory is needed than there is.
    /// </exception>
    public static LinearHead TrainMultiLabel(
        CodeMatrix codes, IReadOnlyList<IReadOnlyList<string>> labels, HeadOptions options, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(codes);
        ArgumentNullException.ThrowIfNull(labels);
        ArgumentNullException.ThrowIfNull(options);
        return MultiLabelTraining.Train(codes, labels, options, null, cancellation);
    }

    /// <summary>The same on indices: the labels of the head are those given, in their order.</summary>
    /// <param name="codes">N x D.</param>
    /// <param name="sets">For each of the N codes, the indices into <paramref name="labels"/> of those it has.</param>
    /// <param name="labels">The K labels; each must be true of some codes and not of others.</param>
    /// <param name="options">As for labels by name.</param>
    /// <param name="cancellation">Ends the training with an <see cref="OperationCanceledException"/>.</param>
    /// <exception cref="OnnxTransferException">
    /// As for labels by name; and <see cref="FailureKind.Usage"/>: an index of no label, a label that is named twice.
    /// </exception>
    public static LinearHead TrainMultiLabel(
        CodeMatrix codes, IReadOnlyList<IReadOnlyList<int>> sets, IReadOnlyList<string> labels, HeadOptions options,
        CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(codes);
        ArgumentNullException.ThrowIfNull(sets);
        ArgumentNullException.ThrowIfNull(labels);
        ArgumentNullException.ThrowIfNull(options);
        return MultiLabelTraining.Train(codes, sets, labels, options, null, cancellation);
    }

    /// <summary>The indices of the labels with a score above 0, ascending, for every code.</summary>
    /// <exception cref="OnnxTransferException"><see cref="FailureKind.Usage"/>: the codes are not D numbers long, or no multi-label head.</exception>
    public int[][] PredictMultiLabel(CodeMatrix codes)
    {
        ArgumentNullException.ThrowIfNull(codes);
        RequireMultiLabel();
        CheckWidth(codes.Columns);
        var predicted = new int[codes.Rows][];
        Parallel.For(0, codes.Rows, () => new double[Labels.Count], (row, _, scores) =>
        {
            Scores(codes.Row(row), scores);
            predicted[row] = [.. Enumerable.Range(0, scores.Length).Where(k => scores[k] > 0)];
            return scores;
        }, static _ => { });
        return predicted;
    }

    /// <summary>Predictions of a multi-label head against true labels.</summary>
    /// <param name="codes">N x D.</param>
    /// <param name="labels">The true labels of each of the N codes.</param>
    /// <exception cref="OnnxTransferException">
    /// <see cref="FailureKind.Usage"/>: not one set of labels per code, codes that are not D numbers long, or no multi-label
    /// head. <see cref="FailureKind.Data"/>: no code at all, or a label that is none of the head's.
    /// </exception>
    public MultiLabelEvaluation EvaluateMultiLabel(CodeMatrix codes, IReadOnlyList<IReadOnlyList<string>> labels)
    {
        ArgumentNullException.ThrowIfNull(codes);
        ArgumentNullException.ThrowIfNull(labels);
        RequireMultiLabel();
        if (labels.Count != codes.Rows)
        {
            throw new OnnxTransferException(
                FailureKind.Usage, $"There are {codes.Rows} codes but {labels.Count} sets of labels; give one set per code, an empty one where nothing is true.");
        }

        if (codes.Rows == 0)
        {
            throw new OnnxTransferException(FailureKind.Data, "There is no code to evaluate the head on; give at least one.");
        }

        var known = Labels.ToHashSet(StringComparer.Ordinal);
        var truth = new HashSet<string>[labels.Count];
        for (var i = 0; i < truth.Length; i++)
        {
            truth[i] = labels[i].ToHashSet(StringComparer.Ordinal);
            if (truth[i].FirstOrDefault(label => !known.Contains(label)) is { } unknown)
            {
                throw Unknown(i, unknown);
            }
        }

        return MultiLabelEvaluation.Of(Labels, truth, PredictMultiLabel(codes));
    }

    private void RequireSingleLabel([CallerMemberName] string method = "")
    {
        if (IsMultiLabel)
        {
            throw new OnnxTransferException(
                FailureKind.Usage,
                $"The head is multi-label, and {method} is for heads of one label per code; use "
                + $"{nameof(PredictMultiLabel)}, {nameof(EvaluateMultiLabel)} or {nameof(RetrainMultiLabel)}.");
        }
    }

    private void RequireMultiLabel([CallerMemberName] string method = "")
    {
        if (!IsMultiLabel)
        {
            throw new OnnxTransferException(
                FailureKind.Usage,
                $"The head has one label per code, and {method} is for multi-label heads; train it with {nameof(TrainMultiLabel)}, "
                + "or leave 'MultiLabel' out of the call.");
        }
    }
}
