namespace OnnxTransfer.Heads;

/// <summary>
/// The rows a solver sees, cut into chunks (what fits the cache) and slabs of chunks (the unit of parallel work and of
/// summation). The cut depends on the rows alone: sums are the same bits for any number of threads.
/// </summary>
internal sealed class RowSlabs
{
    /// <summary>Rows in a chunk at most: a multiple of every kernel's height.</summary>
    public const int ChunkRows = 96;

    /// <summary>Slabs at most.</summary>
    public const int MostSlabs = 16;

    private const int ChunksPerSlab = 2;
    private const long BatchBytes = 8 << 20;
    private const int SlabsPerThread = 2;

    private readonly (int First, int Rows)[] chunks;
    private readonly int chunksPerSlab;

    /// <summary>Cuts the rows of <paramref name="ranges"/> (first, end) of the codes.</summary>
    public RowSlabs(CodeView codes, params ReadOnlySpan<(int First, int End)> ranges)
    {
        Codes = codes;
        var cut = new List<(int First, int Rows)>();
        foreach (var (first, end) in ranges)
        {
            for (var row = first; row < end; row += ChunkRows)
            {
                cut.Add((row, Math.Min(ChunkRows, end - row)));
            }
        }

        chunks = [.. cut];
        Rows = chunks.Sum(static chunk => chunk.Rows);
        chunksPerSlab = Math.Max(ChunksPerSlab, (chunks.Length + MostSlabs - 1) / MostSlabs);
    }

    /// <summary>Cuts rows of codes that are read as they lie.</summary>
    public RowSlabs(CodeMatrix codes, params ReadOnlySpan<(int First, int End)> ranges)
        : this(new CodeView(codes), ranges)
    {
    }

    /// <summary>The codes; chunks name their rows.</summary>
    public CodeView Codes { get; }

    /// <summary>All rows of all chunks.</summary>
    public int Rows { get; }

    /// <summary>The number of slabs.</summary>
    public int Count => (chunks.Length + chunksPerSlab - 1) / chunksPerSlab;

    /// <summary>
    /// Slabs that are worked on before their sums are added up and their room is used again: as many as fit 8 MB, but
    /// enough for all threads. Sums are added in the order of the slabs however many there are in a batch.
    /// </summary>
    public int Batch(long bytesPerSlab, int threads) => Math.Max(1, Math.Min(Count, MostInBatch(bytesPerSlab, threads)));

    /// <summary>Slabs in a batch at most.</summary>
    public static int MostInBatch(long bytesPerSlab, int threads)
    {
        var fitting = BatchBytes / Math.Max(1, bytesPerSlab);
        return fitting >= MostSlabs ? MostSlabs : (int)Math.Min(MostSlabs, Math.Max(SlabsPerThread, fitting / threads) * threads);
    }

    /// <summary>The chunks of a slab, in order.</summary>
    public ReadOnlySpan<(int First, int Rows)> Chunks(int slab) =>
        chunks.AsSpan(slab * chunksPerSlab, Math.Min(chunksPerSlab, chunks.Length - (slab * chunksPerSlab)));

    /// <summary>Every row, in order.</summary>
    public IEnumerable<int> AllRows() => chunks.SelectMany(static chunk => Enumerable.Range(chunk.First, chunk.Rows));
}
