namespace OnnxTransfer.FineTuning;

/// <summary>
/// mixup (Zhang et al. 2018): x = s x1 + (1 - s) x2, and the targets likewise, with one share s of Beta(alpha, alpha) for
/// the batch.
/// </summary>
internal static class Mixup
{
    /// <summary>Mixes the pairs of a batch in place.</summary>
    /// <param name="batch">The batch.</param>
    /// <param name="share">s, from 0 to 1.</param>
    public static void Apply(TrainingBatch batch, double share)
    {
        ArgumentNullException.ThrowIfNull(batch);
        foreach (var values in batch.Inputs.Append(batch.Targets))
        {
            BatchMixing.ForPairs(values, batch.Count, (a, b) => BatchMixing.Mix(a.Span, b.Span, (float)share));
        }
    }
}
