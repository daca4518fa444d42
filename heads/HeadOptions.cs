using System.Globalization;

namespace OnnxTransfer.Heads;

/// <summary>How a head is trained.</summary>
public sealed record HeadOptions
{
    /// <summary>The loss.</summary>
    public HeadLoss Loss { get; init; } = HeadLoss.Softmax;

    /// <summary>The weight of the loss against the penalty on the weights; null: chosen by stratified 5-fold cross-validation.</summary>
    public double? C { get; init; }

    /// <summary>By what C is multiplied in the rows of a class, by label; classes that are not named have 1. Null: all have 1.</summary>
    public IReadOnlyDictionary<string, double>? ClassWeights { get; init; }

    /// <summary>Multiplies C in the rows of class k by N / (K n_k), so that every class counts as much as any other.</summary>
    public bool BalanceClasses { get; init; }

    /// <summary>By what C is multiplied in each row, at least 0 and not all 0; null: 1. Heads in closed form take none.</summary>
    public IReadOnlyList<double>? SampleWeights { get; init; }

    /// <summary>The relative optimality gap to reach.</summary>
    public double RelativeGap { get; init; } = 1e-4;

    /// <summary>
    /// Divide every code by its Euclidean length first, in training and, as a length is no constant to fold into weights, whenever
    /// the head scores (<see cref="LinearHead.Normalized"/>). A code of zeros stays zero.
    /// </summary>
    public bool Normalize { get; init; }

    /// <summary>Bring every column to mean 0 and variance 1 first (after <see cref="Normalize"/>), and fold that into the weights afterwards.</summary>
    public bool Standardize { get; init; }

    /// <summary>Adds 1/2 ||b||^2 to the objective.</summary>
    public bool RegularizeIntercept { get; init; }

    /// <summary>Threads; 0: all that the process may use. Results do not depend on it.</summary>
    public int Threads { get; init; }

    /// <summary>The most passes over the codes before the solver gives up, loudly.</summary>
    public int MaxPasses { get; init; } = 10_000;

    /// <summary>The seed of the folds.</summary>
    public int Seed { get; init; }

    /// <summary>How C is chosen where none is given.</summary>
    public SelectionOptions Selection { get; init; } = new();

    /// <summary>Refuses values that mean nothing; training does so too, and callers with long work before it may ask first.</summary>
    /// <exception cref="OnnxTransferException"><see cref="FailureKind.Usage"/>: the value is named.</exception>
    public void Check()
    {
        var wrong = this switch
        {
            { C: not (null or (> 0 and < double.PositiveInfinity)) } =>
                $"C is {C.Value.ToString(CultureInfo.InvariantCulture)}; give a number above 0, or none to have it chosen",
            { RelativeGap: not (> 0 and < double.PositiveInfinity) } =>
                $"The relative gap is {RelativeGap.ToString(CultureInfo.InvariantCulture)}; give a number above 0, such as 1e-4",
            { MaxPasses: < 1 } => $"The most passes are {MaxPasses}; give at least one",
            { Threads: < 0 } => $"The number of threads is {Threads}; give 0 for all, or how many",
            _ when !Enum.IsDefined(Loss) => $"There is no loss {Loss}; choose one of {string.Join(", ", HeadLossNames.All)}",
            _ => null,
        };
        if (wrong is not null)
        {
            throw new OnnxTransferException(FailureKind.Usage, wrong + ".");
        }
    }

    /// <summary>The same options for some of the rows.</summary>
    internal HeadOptions ForRows(int[] rows) => this with
    {
        SampleWeights = SampleWeights is { } weights ? Array.ConvertAll(rows, row => weights[row]) : null,
        Selection = Selection with { Groups = Selection.Groups is { } groups ? Array.ConvertAll(rows, row => groups[row]) : null },
    };
}
