namespace OnnxTransfer.Heads;

/// <content>What heads say of codes that they have not seen.</content>
public sealed partial class LinearHead
{
    /// <summary>
    /// What heads like this one take the codes for that they were not trained on, fold by fold: an index of <see cref="Labels"/>
    /// for each code; -1 where a class's only code is never held out. Where C was chosen by cross-validation these are its own
    /// predictions at the chosen C; else heads of this one's loss and C are trained on all folds but one, as for
    /// <see cref="Calibrate"/>.
    /// </summary>
    /// <param name="codes">N x D: the codes that this head was trained on, in the same order.</param>
    /// <param name="labels">Their labels.</param>
    /// <param name="options">How the head was trained; its loss, C, normalisation and standardisation are taken from the head.</param>
    /// <param name="cancellation">Ends the training with an <see cref="OperationCanceledException"/>.</param>
    /// <exception cref="OnnxTransferException">
    /// As training; and <see cref="FailureKind.Data"/>: every class has a single code, or a label is none of the head's;
    /// <see cref="FailureKind.Usage"/>: a multi-label head.
    /// </exception>
    public IReadOnlyList<int> HeldOutPredictions(
        CodeMatrix codes, IReadOnlyList<string> labels, HeadOptions? options = null, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(codes);
        ArgumentNullException.ThrowIfNull(labels);
        RequireSingleLabel();
        CheckWidth(codes.Columns);
        if (Selection is { } selection)
        {
            return selection.HeldOutPredictions;
        }

        var held = HeldOutScores.Of(new CodeView(codes), Indices(labels), Labels, As(options), cancellation);
        int[] predictions = [.. Enumerable.Repeat(-1, codes.Rows)];
        for (var i = 0; i < held.Count; i++)
        {
            predictions[held.Rows[i]] = First.OfLargest<double>(held.Row(i));
        }

        return predictions;
    }

    /// <summary>
    /// The scores of every code by a head that was trained without it: a head is trained on all folds of the codes but one
    /// (stratified, <see cref="SelectionOptions.Folds"/> at most), and scores the fold.
    /// </summary>
    /// <param name="codes">N x D.</param>
    /// <param name="labels">N labels; the K classes are those that occur, in ordinal order.</param>
    /// <param name="options">How the heads are trained; a row of weight 0 is not learned from, and scored all the same.</param>
    /// <param name="cancellation">Ends the training with an <see cref="OperationCanceledException"/>.</param>
    /// <returns>N x K, row by row; NaN for a code that is alone in its class, as that is never held out.</returns>
    /// <exception cref="OnnxTransferException">
    /// As training; and <see cref="FailureKind.Data"/>: every class has a single code; <see cref="FailureKind.Mathematics"/>: a head
    /// did not converge.
    /// </exception>
    public static double[] ScoreHeldOut(
        CodeMatrix codes, IReadOnlyList<string> labels, HeadOptions? options = null, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(codes);
        ArgumentNullException.ThrowIfNull(labels);
        options ??= new HeadOptions();
        options.Check();
        var view = new CodeView(codes);
        var (truth, names) = Classes(labels);
        HeadTraining.CheckData(view, truth, names);
        var held = HeldOutScores.Of(view, truth, names, options, cancellation);
        if (!held.Converged)
        {
            throw new OnnxTransferException(FailureKind.Mathematics, "The heads that give the held-out scores did not converge; use a smaller C.");
        }

        var scores = new double[checked(codes.Rows * names.Length)];
        Array.Fill(scores, double.NaN);
        for (var i = 0; i < held.Count; i++)
        {
            held.Row(i).CopyTo(scores.AsSpan(held.Rows[i] * names.Length));
        }

        return scores;
    }
}
