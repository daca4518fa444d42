namespace OnnxTransfer.Heads;

/// <summary>Scores of codes by heads that were not trained on them.</summary>
/// <param name="Scores">n x K, row by row.</param>
/// <param name="Truth">The n classes.</param>
/// <param name="Classes">K.</param>
internal sealed record HeldOutScores(double[] Scores, int[] Truth, int Classes)
{
    // That of the choice of C; one a tenth as large moves a temperature by about a hundredth.
    private const double Gap = 1e-2;

    /// <summary>The codes that the scores are of.</summary>
    public int[] Rows { get; init; } = [];

    /// <summary>Whether the head of every fold reached the wanted gap.</summary>
    public bool Converged { get; init; } = true;

    /// <summary>n.</summary>
    public int Count => Truth.Length;

    /// <summary>The scores of a code.</summary>
    public ReadOnlySpan<double> Row(int row) => Scores.AsSpan(row * Classes, Classes);

    /// <summary>
    /// Trains a head on all folds but one, for each of them, and scores the fold: every code but those that are alone in
    /// their class, in the order of the folds.
    /// </summary>
    /// <exception cref="OnnxTransferException">What training throws.</exception>
    public static HeldOutScores Of(
        CodeView codes, int[] truth, IReadOnlyList<string> labels, HeadOptions options, CancellationToken cancellation)
    {
        var folds = Folds.Of(truth, labels.Count, options.Seed, options.Selection.Folds, options.Selection.Groups);
        var held = folds.Order[folds.HeldOut(0).First..];
        var (scores, room) = (new double[checked(held.Length * labels.Count)], codes.Room());
        options = options with { RelativeGap = Math.Max(Gap, options.RelativeGap) };
        var converged = true;
        for (var fold = 0; fold < folds.Count; fold++)
        {
            int[] training = [.. folds.Training(fold).SelectMany(range => folds.Order[range.First..range.End]).Order()];
            var head = LinearHead.Train(
                codes.Select(training), Array.ConvertAll(training, row => truth[row]), labels, options.ForRows(training), null, cancellation);
            converged &= head.Certificate.Converged;
            var (first, end) = folds.HeldOut(fold);
            for (var i = first; i < end; i++)
            {
                head.Scores(codes.Row(folds.Order[i], room), scores.AsSpan((i - folds.HeldOut(0).First) * labels.Count, labels.Count));
            }
        }

        return new HeldOutScores(scores, Array.ConvertAll(held, row => truth[row]), labels.Count) { Rows = held, Converged = converged };
    }
}
