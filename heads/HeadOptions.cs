namespace OnnxTransfer.Heads;

/// <summary>How a head is trained.</summary>
public sealed record HeadOptions
{
    /// <summary>The loss.</summary>
    public HeadLoss Loss { get; init; } = HeadLoss.Softmax;

    /// <summary>The weight of the loss against the penalty on the weights; null: chosen by stratified 5-fold cross-validation.</summary>
    public double? C { get; init; }

    /// <summary>The relative optimality gap to reach.</summary>
    public double RelativeGap { get; init; } = 1e-4;

    /// <summary>Bring every column to mean 0 and variance 1 first, and fold that into the weights afterwards.</summary>
    public bool Standardize { get; init; }

    /// <summary>Adds 1/2 ||b||^2 to the objective.</summary>
    public bool RegularizeIntercept { get; init; }

    /// <summary>Threads; 0: all that the process may use. Results do not depend on it.</summary>
    public int Threads { get; init; }

    /// <summary>The most passes over the codes before the solver gives up, loudly.</summary>
    public int MaxPasses { get; init; } = 10_000;

    /// <summary>The seed of the folds.</summary>
    public int Seed { get; init; }
}
