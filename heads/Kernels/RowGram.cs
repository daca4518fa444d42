using System.Runtime.CompilerServices;

namespace OnnxTransfer.Heads;

/// <summary>
/// The products x_i x_j' of some rows of the codes in float32, for a set of rows that changes little from time to time:
/// products that were known are kept.
/// </summary>
internal sealed unsafe class RowGram(RowSlabs slabs) : IDisposable
{
    private const int DepthBlock = 256;
    private const int RowBlock = 24;

    private int[] rows = [];
    private AlignedBuffer<float> products = new(0);

    /// <summary>The rows, in the order of the matrix: those that stayed, then those that came.</summary>
    public ReadOnlySpan<int> Rows => rows;

    /// <summary>Products that <see cref="Change"/> would compute.</summary>
    public static double Cost(int known, int wanted) => ((double)wanted * wanted) - ((double)known * known);

    /// <summary>How many of some rows, ascending, are known.</summary>
    public int Known(ReadOnlySpan<int> wanted)
    {
        var count = 0;
        foreach (var row in rows)
        {
            count += wanted.BinarySearch(row) >= 0 ? 1 : 0;
        }

        return count;
    }

    /// <summary>A row of the matrix's lower triangle.</summary>
    public ReadOnlySpan<float> Row(int i) => new(products.Start + ((long)i * rows.Length), i + 1);

    /// <summary>Goes over to other rows, ascending.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public void Change(int[] wanted)
    {
        var stay = new List<int>();
        for (var i = 0; i < rows.Length; i++)
        {
            if (Array.BinarySearch(wanted, rows[i]) >= 0)
            {
                stay.Add(i);
            }
        }

        var known = stay.Select(i => rows[i]).ToHashSet();
        int[] next = [.. stay.Select(i => rows[i]), .. wanted.Where(row => !known.Contains(row))];
        var matrix = AlignedBuffer<float>.ToFill((long)next.Length * next.Length);
        for (var i = 0; i < stay.Count; i++)
        {
            var source = products.Start + ((long)stay[i] * rows.Length);
            var target = matrix.Start + ((long)i * next.Length);
            for (var j = 0; j <= i; j++)
            {
                target[j] = source[stay[j]];
            }
        }

        products.Dispose();
        (rows, products) = (next, matrix);
        if (stay.Count < next.Length)
        {
            Fill(stay.Count);
        }
    }

    public void Dispose() => products.Dispose();

    /// <summary>
    /// Computes the rows from <paramref name="first"/> on of the lower triangle: some rows at a time against all panels of the
    /// new ones, some columns of the codes after the others, so that both stay in the cache.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void Fill(int first)
    {
        var (depth, width, size) = (slabs.Codes.Columns, MicroKernel.Width<float>(), rows.Length);
        var stride = (size - first + width - 1) / width * width;
        using var codes = AlignedBuffer<float>.ToFill((long)size * depth);
        using var panels = AlignedBuffer<float>.ToFill((long)stride * Math.Min(DepthBlock, depth));
        using var block = new AlignedBuffer<float>((long)size * stride);
        Gather(codes.Start);
        for (var from = 0; from < depth; from += DepthBlock)
        {
            var count = Math.Min(DepthBlock, depth - from);
            var part = codes.Start + ((long)from * size);
            Pack(part, count, first, panels.Start);
            for (var row = 0; row < size; row += row < first ? Math.Min(RowBlock, first - row) : RowBlock)
            {
                var end = Math.Min(row + RowBlock, row < first ? first : size);
                var columns = row < first ? stride : Math.Min(stride, end - first);
                for (var column = 0; column < columns; column += width)
                {
                    for (var i = row; i < end; i += MicroKernel.Height)
                    {
                        MicroKernel.Multiply(
                            part + ((long)i * count), count, Math.Min(MicroKernel.Height, end - i), panels.Start + ((long)column * count), count,
                            block.Start + ((long)i * stride) + column, stride);
                    }
                }
            }
        }

        for (var i = first; i < size; i++)
        {
            var target = products.Start + ((long)i * size);
            for (var j = 0; j < first; j++)
            {
                target[j] = block.Start[((long)j * stride) + i - first];
            }

            new ReadOnlySpan<float>(block.Start + ((long)i * stride), i - first + 1).CopyTo(new Span<float>(target + first, i - first + 1));
        }
    }

    /// <summary>Copies the rows, a block of columns after the other.</summary>
    private void Gather(float* codes)
    {
        var (depth, room) = (slabs.Codes.Columns, slabs.Codes.Room());
        for (var i = 0; i < rows.Length; i++)
        {
            var code = slabs.Codes.Row(rows[i], room);
            for (var from = 0; from < depth; from += DepthBlock)
            {
                var count = Math.Min(DepthBlock, depth - from);
                code.Slice(from, count).CopyTo(new Span<float>(codes + ((long)from * rows.Length) + ((long)i * count), count));
            }
        }
    }

    /// <summary>Packs some columns of the rows from <paramref name="first"/> on; the last row stands in for those that are not there.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void Pack(float* part, int count, int first, float* panels)
    {
        var width = MicroKernel.Width<float>();
        for (var column = first; column < rows.Length; column += width)
        {
            for (var j = 0; j < width; j++)
            {
                var source = part + ((long)Math.Min(column + j, rows.Length - 1) * count);
                for (nint d = 0; d < count; d++)
                {
                    panels[(d * width) + j] = source[d];
                }
            }

            panels += (nint)count * width;
        }
    }
}
