namespace OnnxTransfer.Heads;

/// <summary>For every row of a matrix the rows of another with the largest products x'y; all pairs are multiplied, and none is kept.</summary>
/// <remarks>
/// The product of rows of length 1 is their cosine. With a column appended, [x, 1] and [y, -||y||^2 / 2], the largest products belong
/// to the smallest Euclidean distances.
/// </remarks>
public sealed class NearestRows
{
    private const int BlockRows = 96;

    private readonly int[] rows;
    private readonly float[] products;

    private NearestRows(int queries, int count) =>
        (Count, rows, products) = (count, new int[queries * count], new float[queries * count]);

    /// <summary>The neighbours of each row: as many as wanted, or all where there are fewer.</summary>
    public int Count { get; }

    /// <summary>The neighbours of a row, the nearest first; of equals the first.</summary>
    public ReadOnlySpan<int> Of(int query) => rows.AsSpan(query * Count, Count);

    /// <summary>Their products with the row.</summary>
    public ReadOnlySpan<float> Products(int query) => products.AsSpan(query * Count, Count);

    /// <summary>Finds them. The row of the same number is left out, as both matrices hold the same things, in the same or in two forms.</summary>
    /// <param name="queries">N x D, finite.</param>
    /// <param name="among">N x D, finite; a copy is made of it.</param>
    /// <param name="count">Neighbours wanted, at least 1.</param>
    /// <param name="threads">Threads; 0: all that the process may use. The result does not depend on it.</param>
    /// <param name="cancellation">Ends the search with an <see cref="OperationCanceledException"/>.</param>
    /// <exception cref="ArgumentException">The matrices have different sizes, or no neighbour is wanted.</exception>
    public static unsafe NearestRows Find(
        CodeMatrix queries, CodeMatrix among, int count, int threads = 0, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(queries);
        ArgumentNullException.ThrowIfNull(among);
        ArgumentOutOfRangeException.ThrowIfLessThan(count, 1);
        ArgumentOutOfRangeException.ThrowIfNotEqual(queries.Columns, among.Columns);
        ArgumentOutOfRangeException.ThrowIfNotEqual(queries.Rows, among.Rows);
        var found = new NearestRows(queries.Rows, Math.Min(count, Math.Max(queries.Rows - 1, 0)));
        if (found.Count == 0)
        {
            return found;
        }

        threads = Workers.Count(threads);
        using var panels = Pack(among, threads);
        var blocks = (queries.Rows + BlockRows - 1) / BlockRows;
        Workers.For(blocks, threads, (block, _) =>
        {
            cancellation.ThrowIfCancellationRequested();
            found.Search(queries, block * BlockRows, Math.Min(BlockRows, queries.Rows - (block * BlockRows)), panels.Start);
        });
        return found;
    }

    /// <summary>The rows in panels as the micro-kernel reads them; rows that are not there are zero.</summary>
    private static unsafe AlignedBuffer<float> Pack(CodeMatrix among, int threads)
    {
        var (width, depth) = (MicroKernel.Width<float>(), among.Columns);
        var count = (among.Rows + width - 1) / width;
        var panels = new AlignedBuffer<float>((long)count * width * depth);
        Workers.For(count, threads, (panel, _) =>
        {
            var target = panels.Start + ((nint)panel * width * depth);
            for (var j = 0; j < Math.Min(width, among.Rows - (panel * width)); j++)
            {
                var row = among.Row((panel * width) + j);
                for (var d = 0; d < depth; d++)
                {
                    target[((nint)d * width) + j] = row[d];
                }
            }
        });
        return panels;
    }

    private unsafe void Search(CodeMatrix queries, int first, int size, float* panels)
    {
        var (width, depth, total) = (MicroKernel.Width<float>(), queries.Columns, queries.Rows);
        using var codes = AlignedBuffer<float>.ToFill((long)size * depth);
        using var block = AlignedBuffer<float>.ToFill((long)size * width);
        for (var i = 0; i < size; i++)
        {
            queries.Row(first + i).CopyTo(new Span<float>(codes.Start + ((nint)i * depth), depth));
        }

        var held = new int[size];
        for (var column = 0; column < total; column += width, panels += (nint)width * depth)
        {
            new Span<float>(block.Start, size * width).Clear();
            for (var i = 0; i < size; i += MicroKernel.Height)
            {
                MicroKernel.Multiply(
                    codes.Start + ((nint)i * depth), depth, Math.Min(MicroKernel.Height, size - i), panels, depth, block.Start + ((nint)i * width), width);
            }

            var end = Math.Min(width, total - column);
            for (var i = 0; i < size; i++)
            {
                for (var j = 0; j < end; j++)
                {
                    if (column + j != first + i)
                    {
                        Offer(first + i, column + j, block.Start[(i * width) + j], ref held[i]);
                    }
                }
            }
        }
    }

    /// <summary>Takes a row in where it is nearer than one that is held, or where there is room.</summary>
    private void Offer(int query, int row, float product, ref int held)
    {
        var start = query * Count;
        if (held == Count && !(product > products[start + held - 1]))
        {
            return;
        }

        var at = start + (held < Count ? held++ : held - 1);
        for (; at > start && product > products[at - 1]; at--)
        {
            (rows[at], products[at]) = (rows[at - 1], products[at - 1]);
        }

        (rows[at], products[at]) = (row, product);
    }
}
