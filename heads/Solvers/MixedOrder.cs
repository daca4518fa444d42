namespace OnnxTransfer.Heads;

/// <summary>
/// The order in which an epoch takes the rows: chunks in an order of chance, and the rows of some tens of them mixed. A file is
/// read in places near each other for a while, and rows of one class, which often lie together, still come one by one.
/// </summary>
internal sealed class MixedOrder(RowSlabs rows)
{
    private const int MixedChunks = 64;

    private readonly (int First, int Rows)[] chunks = [.. Enumerable.Range(0, rows.Count).SelectMany(slab => rows.Chunks(slab).ToArray())];
    private readonly int[] order = new int[rows.Rows];

    /// <summary>All rows in the order of an epoch, the same for the same epochs before it; good until the next call.</summary>
    public int[] Of(int epoch)
    {
        Shuffle(chunks.AsSpan(), (ulong)epoch << 32);
        var (filled, mixed) = (0, 0);
        for (var chunk = 0; chunk < chunks.Length; chunk++)
        {
            var (first, count) = chunks[chunk];
            for (var i = 0; i < count; i++)
            {
                order[filled++] = first + i;
            }

            if (chunk % MixedChunks == MixedChunks - 1 || chunk == chunks.Length - 1)
            {
                Shuffle(order.AsSpan(mixed, filled - mixed), ((ulong)epoch << 32) + (ulong)chunk);
                mixed = filled;
            }
        }

        return order;
    }

    /// <summary>Fisher and Yates, with a hash for chance.</summary>
    private static void Shuffle<T>(Span<T> items, ulong seed)
    {
        for (var i = items.Length - 1; i > 0; i--)
        {
            var j = (int)(Hash.Mix(seed + (ulong)i) % (ulong)(i + 1));
            (items[i], items[j]) = (items[j], items[i]);
        }
    }
}
