namespace OnnxTransfer.FineTuning;

/// <summary>A batch before it is read.</summary>
/// <param name="Epoch">Its epoch, from 0.</param>
/// <param name="Index">Its number in the epoch, from 0.</param>
/// <param name="Places">The places of its images in the set.</param>
internal sealed record PlannedBatch(int Epoch, int Index, IReadOnlyList<int> Places);

/// <summary>What becomes of the images that do not fill an epoch's last batch.</summary>
internal enum LastBatch
{
    /// <summary>They are a smaller batch.</summary>
    Keep,

    /// <summary>As <see cref="Keep"/>, but a single one joins the batch before it, for networks that learn batch statistics.</summary>
    Merge,

    /// <summary>They sit the epoch out; others do in the next.</summary>
    Drop,
}

/// <summary>
/// The order of a set's images in each epoch: a permutation that depends on the seed and the epoch alone, cut into batches.
/// </summary>
internal sealed class EpochOrder
{
    private readonly long seed;
    private readonly int count;
    private readonly int batchSize;
    private readonly LastBatch last;

    /// <summary>Makes the order of a set.</summary>
    /// <param name="seed">Another seed, another order.</param>
    /// <param name="count">The images of the set, at least 1.</param>
    /// <param name="batchSize">N, at least 1; a set with fewer images is one batch.</param>
    /// <param name="last">What becomes of the rest.</param>
    /// <exception cref="OnnxTransferException">
    /// <see cref="FailureKind.Usage"/>: batches of one image where <paramref name="last"/> is to prevent them.
    /// </exception>
    public EpochOrder(long seed, int count, int batchSize, LastBatch last)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(count, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(batchSize, 1);
        if (last != LastBatch.Keep && Math.Min(count, batchSize) == 1)
        {
            throw new OnnxTransferException(
                FailureKind.Usage,
                $"Batches of one image ({count} in the set, {batchSize} in a batch) have no variance to normalise by; take larger batches, or keep the network's statistics as they are.");
        }

        (this.seed, this.count, this.batchSize, this.last) = (seed, count, batchSize, last);
        var (full, rest) = Math.DivRem(count, batchSize);
        var restIsBatch = rest > 0 && (full == 0 || last == LastBatch.Keep || (last == LastBatch.Merge && rest > 1));
        Batches = full + (restIsBatch ? 1 : 0);
    }

    /// <summary>The batches of an epoch.</summary>
    public int Batches { get; }

    /// <summary>The places of an epoch's images, in order.</summary>
    public int[] Places(int epoch) => new RandomDraws(seed, epoch, 0, RandomPurpose.Order).Permutation(count);

    /// <summary>The batches from one on to the end of the last epoch: resumed at any of them, the rest is what it would have been.</summary>
    /// <param name="epoch">The first batch's epoch.</param>
    /// <param name="batch">Its number in that epoch.</param>
    /// <param name="epochs">All epochs.</param>
    public IEnumerable<PlannedBatch> From(int epoch, int batch, int epochs)
    {
        for (; epoch < epochs; epoch++, batch = 0)
        {
            var places = Places(epoch);
            for (; batch < Batches; batch++)
            {
                yield return new PlannedBatch(epoch, batch, places[(batch * batchSize)..End(batch)]);
            }
        }
    }

    /// <summary>All images in the order of the set, for evaluation.</summary>
    public static IEnumerable<PlannedBatch> InPlace(int count, int batchSize) =>
        Enumerable.Range(0, count).Chunk(batchSize).Select(static (places, index) => new PlannedBatch(0, index, places));

    private int End(int batch) =>
        batch < Batches - 1 ? (batch + 1) * batchSize : last == LastBatch.Drop ? Math.Min(count, Batches * batchSize) : count;
}
