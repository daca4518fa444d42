namespace OnnxTransfer.FineTuning;

/// <summary>
/// Which batches end an update where the gradients of several are added up. An epoch ends with an update, of fewer batches
/// where they do not come out even; a checkpoint stands between updates, because gradients are not in it.
/// </summary>
/// <param name="BatchesPerEpoch">The batches of an epoch.</param>
/// <param name="BatchesPerUpdate">The batches of an update, at least 1.</param>
internal sealed record UpdatePlan(int BatchesPerEpoch, int BatchesPerUpdate)
{
    /// <summary>The updates of an epoch.</summary>
    public int UpdatesPerEpoch => (BatchesPerEpoch + BatchesPerUpdate - 1) / BatchesPerUpdate;

    /// <summary>All updates of a training.</summary>
    public long Total(int epochs) => (long)epochs * UpdatesPerEpoch;

    /// <summary>Whether an update follows a batch, given by its number in the epoch.</summary>
    public bool EndsUpdate(int batch) => (batch + 1) % BatchesPerUpdate == 0 || batch + 1 == BatchesPerEpoch;

    /// <summary>The number, from 0, of the update that a batch belongs to: the one that its schedule is asked for.</summary>
    public long UpdateOf(int epoch, int batch) => Total(epoch) + (batch / BatchesPerUpdate);
}
