using System.Globalization;

namespace OnnxTransfer.Heads;

/// <summary>What more images are worth: held-out metrics of heads that were trained on growing shares of the images.</summary>
/// <param name="Points">One per share, in the order in which shares were given.</param>
public sealed record LearningCurve(IReadOnlyList<LearningCurvePoint> Points)
{
    /// <summary>
    /// The curve of some codes. The folds of <see cref="NestedEstimate"/> are the same for every share; each trains on that
    /// stratified share of its training part (a smaller share lies within a larger one), with C chosen on the share, or the
    /// given one. A share of 1 gives what <see cref="NestedEstimate.Of"/> gives.
    /// </summary>
    /// <param name="codes">N x D.</param>
    /// <param name="classes">N indices into <paramref name="labels"/>.</param>
    /// <param name="labels">The K classes; each must occur.</param>
    /// <param name="fractions">Shares, above 0 and at most 1.</param>
    /// <param name="options">How heads are trained.</param>
    /// <param name="cancellation">Ends the work with an <see cref="OperationCanceledException"/>.</param>
    /// <exception cref="OnnxTransferException">
    /// As <see cref="NestedEstimate.Of"/>; and <see cref="FailureKind.Usage"/>: a share that is none, or no share at all.
    /// </exception>
    public static LearningCurve Of(
        CodeMatrix codes, IReadOnlyList<int> classes, IReadOnlyList<string> labels, IReadOnlyList<double> fractions, HeadOptions? options = null,
        CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(codes);
        ArgumentNullException.ThrowIfNull(fractions);
        if (fractions.Count == 0 || !fractions.All(static share => share is > 0 and <= 1))
        {
            throw new OnnxTransferException(
                FailureKind.Usage,
                $"The shares of a learning curve are [{Listed(fractions)}]; give numbers above 0 and at most 1.");
        }

        var (view, used) = (new CodeView(codes), options ?? new HeadOptions());
        return new LearningCurve(
        [
            .. fractions.Select(share =>
                new LearningCurvePoint(share, NestedEstimate.OfShare(view, classes, labels, share, used, cancellation))),
        ]);
    }

    private static string Listed(IReadOnlyList<double> shares) =>
        string.Join(", ", shares.Select(static share => share.ToString(CultureInfo.InvariantCulture)));
}

/// <summary>One share of the images.</summary>
/// <param name="Fraction">The share of a fold's training part.</param>
/// <param name="Estimate">What heads trained on it do on held-out images.</param>
public sealed record LearningCurvePoint(double Fraction, NestedEstimate Estimate)
{
    /// <summary>The images trained on: the mean over the folds.</summary>
    public double Images => Estimate.TrainImages.Average();
}
