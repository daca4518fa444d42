namespace OnnxTransfer.FineTuning;

/// <summary>
/// Learning-rate factors that fall towards the image (Howard and Ruder 2018): early layers are the most general and are
/// changed least. A parameter's <see cref="Parameter.RateFactor"/> comes from here.
/// </summary>
internal static class DepthFactors
{
    /// <summary>decay^(stages - 1 - stage): 1 for the last stage, which is the new head's, and <paramref name="decay"/> less for each before it.</summary>
    /// <param name="decay">Above 0, at most 1.</param>
    /// <param name="stage">The parameter's stage, from 0 at the image.</param>
    /// <param name="stages">All stages.</param>
    public static float OfStage(double decay, int stage, int stages)
    {
        Check(decay);
        ArgumentOutOfRangeException.ThrowIfNegative(stage);
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(stage, stages);
        return (float)Math.Pow(decay, stages - 1 - stage);
    }

    /// <summary>first^(1 - depth): <paramref name="first"/> at the image, 1 at the scores, and even steps of the logarithm between.</summary>
    /// <param name="first">Above 0, at most 1.</param>
    /// <param name="depth">From 0 at the image to 1 at the scores.</param>
    public static float OfDepth(double first, double depth)
    {
        Check(first);
        ArgumentOutOfRangeException.ThrowIfNegative(depth);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(depth, 1);
        return (float)Math.Pow(first, 1 - depth);
    }

    private static void Check(double factor)
    {
        if (factor is not (> 0 and <= 1))
        {
            throw new OnnxTransferException(
                FailureKind.Usage, $"The learning rate's factor {factor} for early layers must be above 0 and at most 1.");
        }
    }
}
