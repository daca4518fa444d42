namespace OnnxTransfer.Heads;

/// <summary>How C was chosen by cross-validation.</summary>
/// <param name="Folds">The number of folds.</param>
/// <param name="Candidates">What each C gave, C ascending.</param>
public sealed record CSelection(int Folds, IReadOnlyList<CCandidate> Candidates)
{
    /// <summary>How often the rows were dealt to folds.</summary>
    public int Repeats { get; init; } = 1;

    /// <summary>What the candidates' scores are.</summary>
    public SelectionMetric Metric { get; init; }

    /// <summary>Which candidate was taken.</summary>
    public SelectionRule Rule { get; init; }

    /// <summary>
    /// What the fold that held a row out (in the first repeat) took it for at the chosen C, an index of the labels, N numbers; -1
    /// where a class's only row is never held out.
    /// </summary>
    public IReadOnlyList<int> HeldOutPredictions { get; init; } = [];

    /// <summary>How well a head does whose C is chosen this way; null where it was not asked for.</summary>
    public NestedEstimate? Nested { get; init; }
}

/// <summary>One C.</summary>
/// <param name="C">The weight of the loss.</param>
/// <param name="Accuracy">Its cross-validated accuracy: all held-out predictions pooled.</param>
/// <param name="Interval">Wilson's interval of it, every image counted once however many the repeats; it takes images as independent.</param>
public sealed record CCandidate(double C, double Accuracy, Interval Interval)
{
    /// <summary>The metric: its mean over all folds of all repeats, each with the weight of its held-out images.</summary>
    public double Score { get; init; } = Accuracy;

    /// <summary>
    /// The standard error of <see cref="Score"/>: the standard deviation over all folds of all repeats, divided by the root
    /// of the number of folds of one repeat, as a repeat brings no new image. NaN where it is not known.
    /// </summary>
    public double StandardError { get; init; } = double.NaN;
}
