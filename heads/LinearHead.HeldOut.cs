namespace OnnxTransfer.Heads;

/// <content>What heads say of codes that they have not seen.</content>
public sealed partial class LinearHead
{
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
        var scores = new double[checked(codes.Rows * names.Length)];
        Array.Fill(scores, double.NaN);
        for (var i = 0; i < held.Count; i++)
        {
            held.Row(i).CopyTo(scores.AsSpan(held.Rows[i] * names.Length));
        }

        return scores;
    }
}
