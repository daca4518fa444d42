using System.Globalization;

namespace OnnxTransfer.Heads;

/// <summary>How C is chosen by cross-validation.</summary>
public sealed record SelectionOptions
{
    /// <summary>The fewest and the most folds.</summary>
    public const int FewestFolds = 2, MostFolds = 20;

    /// <summary>Repeats at most.</summary>
    public const int MostRepeats = 100;

    /// <summary>
    /// Folds, <see cref="FewestFolds"/> to <see cref="MostFolds"/>; fewer are made where no class has as many images (or, with
    /// groups, occurs in as many groups).
    /// </summary>
    public int Folds { get; init; } = 5;

    /// <summary>How often the rows are dealt to folds, each time with another seed.</summary>
    public int Repeats { get; init; } = 1;

    /// <summary>
    /// N numbers, one per row: rows of the same number are never divided between training and held out (photos of one
    /// object, frames of one film); null: every row is a group of its own.
    /// </summary>
    public IReadOnlyList<int>? Groups { get; init; }

    /// <summary>Which C of those tried is taken.</summary>
    public SelectionRule Rule { get; init; }

    /// <summary>What a C is judged by.</summary>
    public SelectionMetric Metric { get; init; }

    /// <summary>The C to try, in any order; all of them are. Null: a grid that hangs on the codes.</summary>
    public IReadOnlyList<double>? Cs { get; init; }

    /// <summary>Also estimates, by nested cross-validation, how well a head does whose C is chosen this way.</summary>
    public bool Nested { get; init; }

    /// <summary>Refuses values that mean nothing; training does so too, and callers with long work before it may ask first.</summary>
    /// <exception cref="OnnxTransferException"><see cref="FailureKind.Usage"/>: the value is named.</exception>
    public void Check()
    {
        var wrong = this switch
        {
            { Folds: < FewestFolds or > MostFolds } => $"The number of folds is {Folds}; give {FewestFolds} to {MostFolds}",
            { Repeats: < 1 or > MostRepeats } => $"The number of repeats is {Repeats}; give 1 to {MostRepeats}",
            { Cs.Count: 0 } => "The list of C to try is empty; give at least one, or none at all for a grid that hangs on the codes",
            _ when Cs is not null && !Cs.All(static c => c is > 0 and < double.PositiveInfinity) =>
                $"The C to try are {string.Join(", ", Cs.Select(static c => c.ToString(CultureInfo.InvariantCulture)))}; give numbers above 0",
            _ when !Enum.IsDefined(Rule) => $"There is no rule {Rule} to choose C by; take {SelectionRule.Best} or {SelectionRule.OneStandardError}",
            _ when !Enum.IsDefined(Metric) => $"There is no metric {Metric}; choose one of {string.Join(", ", SelectionMetricNames.All)}",
            _ => null,
        };
        if (wrong is not null)
        {
            throw new OnnxTransferException(FailureKind.Usage, wrong + ".");
        }
    }
}
