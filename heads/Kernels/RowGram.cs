using System.Runtime.CompilerServices;

namespace OnnxTransfer.Heads;

/// <summary>
/// The products x_i x_j' of some rows of the codes in float32, for a set of rows that changes little from time to time:
/// products that were known are kept.
/// </summary>
internal sealed unsafe class RowGram(RowSlabs slabs) : IDisposable
{
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
        var matrix = new AlignedBuffer<float>((long)next.Length * next.Length);
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

    /// <summary>Computes the rows from <paramref name="first"/> on of the lower triangle: all rows, six at a time, against panels of the new ones.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void Fill(int first)
    {
        var (depth, width) = (slabs.Codes.Columns, MicroKernel.Width<float>());
        using var codes = new AlignedBuffer<float>((long)rows.Length * depth);
        var room = slabs.Codes.Room();
        for (var i = 0; i < rows.Length; i++)
        {
            slabs.Codes.Row(rows[i], room).CopyTo(new Span<float>(codes.Start + ((long)i * depth), depth));
        }

        using var panel = new AlignedBuffer<float>((long)width * depth);
        for (var column = first; column < rows.Length; column += width)
        {
            var count = Math.Min(width, rows.Length - column);
            for (var j = 0; j < width; j++)
            {
                var row = codes.Start + ((long)(column + Math.Min(j, count - 1)) * depth);
                for (nint d = 0; d < depth; d++)
                {
                    panel.Start[(d * width) + j] = row[d];
                }
            }

            AddProducts(codes.Start, panel.Start, 0, first, column, count);
            AddProducts(codes.Start, panel.Start, column, rows.Length, column, count);
        }
    }

    /// <summary>Products of the rows from <paramref name="from"/> to <paramref name="end"/> with those in the panel.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void AddProducts(float* codes, float* panel, int from, int end, int column, int count)
    {
        var (depth, width, size) = (slabs.Codes.Columns, MicroKernel.Width<float>(), (long)rows.Length);
        var block = stackalloc float[MicroKernel.Height * width];
        for (var i = from; i < end; i += MicroKernel.Height)
        {
            var height = Math.Min(MicroKernel.Height, end - i);
            new Span<float>(block, height * width).Clear();
            MicroKernel.Multiply(codes + ((long)i * depth), depth, height, panel, depth, block, width);
            for (var r = 0; r < height; r++)
            {
                for (var j = 0; j < count; j++)
                {
                    var (low, high) = i + r < column + j ? (i + r, column + j) : (column + j, i + r);
                    products.Start[(high * size) + low] = block[(r * width) + j];
                }
            }
        }
    }
}
