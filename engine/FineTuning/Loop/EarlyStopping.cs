namespace OnnxTransfer.FineTuning;

/// <summary>How good the validation metric was.</summary>
/// <param name="Best">The best so far; NaN before the first.</param>
/// <param name="BestEpoch">The epoch, from 0, that had it; -1 before the first.</param>
/// <param name="Waited">The epochs since then.</param>
internal sealed record BestMetric(double Best, int BestEpoch, int Waited)
{
    /// <summary>Before the first epoch.</summary>
    public static BestMetric None { get; } = new(double.NaN, -1, 0);
}

/// <summary>When training ends because the validation metric no longer gets better (Prechelt 1998).</summary>
/// <param name="Patience">The epochs without a better one that are borne; 0: training never ends early.</param>
/// <param name="MinDelta">What a metric must be better by to count as better, at least 0.</param>
/// <param name="HigherIsBetter">True for an accuracy, false for a loss.</param>
internal sealed record EarlyStopping(int Patience, double MinDelta, bool HigherIsBetter)
{
    /// <summary>The best metric after one more epoch; a metric that is not a number is never better.</summary>
    public BestMetric After(BestMetric before, int epoch, double metric)
    {
        ArgumentNullException.ThrowIfNull(before);
        var gain = HigherIsBetter ? metric - before.Best : before.Best - metric;
        var isBetter = before.BestEpoch < 0 ? !double.IsNaN(metric) : gain > MinDelta;
        return isBetter ? new BestMetric(metric, epoch, 0) : before with { Waited = before.Waited + 1 };
    }

    /// <summary>Whether training ends here.</summary>
    public bool IsOver(BestMetric best)
    {
        ArgumentNullException.ThrowIfNull(best);
        return Patience > 0 && best.Waited >= Patience;
    }
}
