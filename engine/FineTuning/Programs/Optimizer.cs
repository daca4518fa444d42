namespace OnnxTransfer.FineTuning;

/// <summary>How gradients change the weights.</summary>
internal abstract record Optimizer
{
    /// <summary>Decoupled weight decay: w loses rate x decay x w in each update, before the gradient's step.</summary>
    public double WeightDecay { get; init; }

    /// <summary>The tensors that it remembers for each parameter.</summary>
    public abstract int Moments { get; }
}

/// <summary>
/// Stochastic gradient descent with momentum: v = m v + g, w -= rate v, or with Nesterov's form w -= rate (g + m v)
/// (Sutskever et al. 2013; PyTorch's form, in which the rate is outside v).
/// </summary>
internal sealed record Sgd : Optimizer
{
    /// <summary>m; 0: none is remembered.</summary>
    public double Momentum { get; init; } = 0.9;

    /// <summary>Nesterov's form.</summary>
    public bool Nesterov { get; init; } = true;

    /// <inheritdoc/>
    public override int Moments => Momentum > 0 ? 1 : 0;
}

/// <summary>
/// AdamW (Loshchilov and Hutter 2019): m = b1 m + (1 - b1) g, v = b2 v + (1 - b2) g², w -= rate m' / (√v' + epsilon), with m' and v'
/// corrected for their start at 0.
/// </summary>
internal sealed record AdamW : Optimizer
{
    /// <summary>b1.</summary>
    public double Beta1 { get; init; } = 0.9;

    /// <summary>b2.</summary>
    public double Beta2 { get; init; } = 0.999;

    /// <summary>What keeps the quotient finite.</summary>
    public double Epsilon { get; init; } = 1e-8;

    /// <inheritdoc/>
    public override int Moments => 2;
}
