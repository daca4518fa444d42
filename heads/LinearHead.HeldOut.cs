namespace OnnxTransfer.Heads;

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
}
