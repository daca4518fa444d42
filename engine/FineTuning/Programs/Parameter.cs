namespace OnnxTransfer.FineTuning;

/// <summary>A tensor of weights that training changes.</summary>
/// <param name="Name">Its name in the graph.</param>
/// <param name="Dims">Its extents.</param>
/// <param name="RateFactor">What the learning rate is multiplied by for it: smaller for pretrained layers.</param>
/// <param name="Decays">Whether weight decay applies: not to intercepts, scales and shifts.</param>
internal sealed record Parameter(string Name, IReadOnlyList<long> Dims, float RateFactor, bool Decays)
{
    /// <summary>The number of elements.</summary>
    public int Count => (int)Dims.Aggregate(1L, (product, dim) => product * dim);
}

/// <summary>A running mean or variance of a batch normalisation, which a step brings up to date without a gradient.</summary>
/// <param name="Name">The input that has it before the step.</param>
/// <param name="Next">The output that has it after the step.</param>
/// <param name="Count">Its length.</param>
internal sealed record Statistic(string Name, string Next, int Count);

/// <summary>A tensor that is fed with a batch.</summary>
/// <param name="Name">Its name in the graph.</param>
/// <param name="Dims">The extents of one image's part: all but the first.</param>
internal sealed record ProgramInput(string Name, IReadOnlyList<long> Dims)
{
    /// <summary>The number of elements for one image.</summary>
    public int Count => (int)Dims.Aggregate(1L, (product, dim) => product * dim);
}
