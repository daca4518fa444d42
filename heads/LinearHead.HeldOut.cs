namespace OnnxTransfer.Heads;

/// <content>Scores of images that a head has not seen.</content>
public sealed partial class LinearHead
{
    /// <summary>
    /// N x K scores, row by row, of codes by heads that were not trained on them: with this one's loss and C, on all folds of
    /// the codes but one. The folds are those that a choice of C deals first. NaN where a class's only code is never held out.
    /// </summary>
    /// <param name="codes">N x D: the codes that this head was trained on, in the same order.</param>
    /// <param name="labels">Their labels.</param>
    /// <param name="options">How the head was trained; its loss, C, normalisation and standardisation are taken from the head.</param>
    /// <param name="cancellation">Ends the training with an <see cref="OperationCanceledException"/>.</param>
    /// <exception cref="OnnxTransferException">
    /// As training; and <see cref="FailureKind.Mathematics"/>: a fold's head did not converge; <see cref="FailureKind.Data"/>: a
    /// label is none of the head's; <see cref="FailureKind.Usage"/>: a multi-label head.
    /// </exception>
    public double[] ScoresHeldOut(
        CodeMatrix codes, IReadOnlyList<string> labels, HeadOptions? options = null, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(codes);
        ArgumentNullException.ThrowIfNull(labels);
        RequireSingleLabel();
        CheckWidth(codes.Columns);
        var held = HeldOutScores.Of(new CodeView(codes), Indices(labels), Labels, As(options), cancellation);
        var scores = new double[codes.Rows * Labels.Count];
        Array.Fill(scores, double.NaN);
        for (var i = 0; i < held.Count; i++)
        {
            held.Row(i).CopyTo(scores.AsSpan(held.Rows[i] * Labels.Count));
        }

        return scores;
    }
}
