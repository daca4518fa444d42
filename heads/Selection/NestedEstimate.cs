namespace OnnxTransfer.Heads;

/// <summary>
/// How well a head does on images that neither its weights nor its C have seen: nested cross-validation (Stone, 1974; Varma
/// and Simon, 2006). Each outer fold's training part chooses its own C by inner folds and trains; its held-out part is
/// judged once. With a given C it is plain cross-validation.
/// </summary>
/// <remarks>The accuracy of the best C on the folds that chose it is the largest of several, and so leans upwards; this does not.</remarks>
/// <param name="Evaluation">All held-out images of all outer folds, pooled; intervals over groups where there are any.</param>
/// <param name="Cs">The C of each outer fold.</param>
/// <param name="TrainImages">The images that each outer fold trained on.</param>
/// <param name="Converged">Whether the head of every outer fold reached the wanted gap.</param>
public sealed record NestedEstimate(Evaluation Evaluation, IReadOnlyList<double> Cs, IReadOnlyList<int> TrainImages, bool Converged)
{
    /// <summary>
    /// Estimates with <see cref="SelectionOptions.Folds"/> outer folds, dealt once, the same as the first repeat of a choice
    /// of C deals; the inner choice of C is all that <see cref="HeadOptions.Selection"/> says.
    /// </summary>
    /// <param name="codes">N x D.</param>
    /// <param name="classes">N indices into <paramref name="labels"/>.</param>
    /// <param name="labels">The K classes; each must occur.</param>
    /// <param name="options">How heads are trained.</param>
    /// <param name="cancellation">Ends the work with an <see cref="OperationCanceledException"/>.</param>
    /// <exception cref="OnnxTransferException">
    /// As <see cref="LinearHead.Train(CodeMatrix, IReadOnlyList{int}, IReadOnlyList{string}, HeadOptions?, CancellationToken)"/>;
    /// and <see cref="FailureKind.Data"/>: too few images to divide twice.
    /// </exception>
    public static NestedEstimate Of(
        CodeMatrix codes, IReadOnlyList<int> classes, IReadOnlyList<string> labels, HeadOptions? options = null,
        CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(codes);
        return OfShare(new CodeView(codes), classes, labels, 1, options ?? new HeadOptions(), cancellation);
    }

    /// <summary>The same, where each outer fold trains on a stratified share of its training part.</summary>
    internal static NestedEstimate OfShare(
        CodeView codes, IReadOnlyList<int> classes, IReadOnlyList<string> labels, double share, HeadOptions options,
        CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(classes);
        ArgumentNullException.ThrowIfNull(labels);
        options.Check();
        options.Selection.Check();
        var (truth, groups) = (classes.ToArray(), options.Selection.Groups);
        Check(codes, truth, labels.Count);
        var folds = Folds.Of(truth, labels.Count, options.Seed, options.Selection.Folds, groups);
        var (outcomes, heldOut) = (new List<Outcome>(), new List<int>());
        var (cs, counts, converged) = (new List<double>(), new List<int>(), true);
        for (var fold = 0; fold < folds.Count; fold++)
        {
            var training = folds.Training(fold).SelectMany(range => folds.Order[range.First..range.End]);
            var rows = RowShares.Of(training, truth, groups, share, options.Seed);
            var head = Train(codes, truth, labels, rows, options, $"outer fold {fold + 1} of {folds.Count}", cancellation);
            var judged = folds.Order[folds.HeldOut(fold).First..folds.HeldOut(fold).End];
            outcomes.AddRange(head.Outcomes(codes.Select(judged), Array.ConvertAll(judged, row => truth[row])));
            heldOut.AddRange(judged);
            cs.Add(head.C);
            counts.Add(rows.Length);
            converged &= head.Certificate.Converged;
        }

        var evaluation = Evaluation.Of(labels, outcomes, groups is null ? null : [.. heldOut.Select(row => groups[row])]);
        return new NestedEstimate(evaluation, cs, counts, converged);
    }

    private static LinearHead Train(
        CodeView codes, int[] truth, IReadOnlyList<string> labels, int[] rows, HeadOptions options, string where, CancellationToken cancellation)
    {
        var inner = options.ForRows(rows);
        inner = inner with { Selection = inner.Selection with { Nested = false } };
        try
        {
            return LinearHead.Train(codes.Select(rows), Array.ConvertAll(rows, row => truth[row]), labels, inner, null, cancellation);
        }
        catch (OnnxTransferException e) when (e.Kind == FailureKind.Data)
        {
            throw new OnnxTransferException(e.Kind, $"In the training part of {where} ({rows.Length} images): {e.Message}", e);
        }
    }

    private static void Check(CodeView codes, int[] truth, int classes)
    {
        if (truth.Length != codes.Rows)
        {
            throw new OnnxTransferException(
                FailureKind.Usage, $"There are {codes.Rows} codes but {truth.Length} labels; give one label per code.");
        }

        if (Array.Find(truth, k => (uint)k >= classes) is var wrong && (uint)wrong >= classes)
        {
            throw new OnnxTransferException(
                FailureKind.Usage, $"A class index is {wrong}, and there are {classes} classes; indices run from 0 to {classes - 1}.");
        }
    }
}
