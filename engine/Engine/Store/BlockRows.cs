using System.Runtime.InteropServices;

namespace OnnxTransfer.Engine;

/// <summary>
/// The rows of one block in memory: first a row for each image, written by workers; then, bad images taken out, what the
/// block file holds. Made once for an extraction and used for block after block.
/// </summary>
internal sealed class BlockRows
{
    private readonly int[] widths;
    private readonly byte[][] codes;

    /// <summary>Makes room.</summary>
    public BlockRows(IReadOnlyList<CodeColumn> columns, int capacity)
    {
        Columns = columns;
        widths = [.. columns.Select(column => column.Width)];
        codes = [.. widths.Select(width => new byte[checked(capacity * width * sizeof(float))])];
        Ids = new string[capacity];
        Labels = new string?[capacity];
        Splits = new string?[capacity];
        Contents = new ContentHash[capacity];
    }

    /// <summary>The columns.</summary>
    public IReadOnlyList<CodeColumn> Columns { get; }

    /// <summary>Rows in use.</summary>
    public int Count { get; private set; }

    /// <summary>The images' ids; the first <see cref="Count"/> are in use.</summary>
    public string[] Ids { get; }

    /// <summary>Their labels.</summary>
    public string?[] Labels { get; }

    /// <summary>The parts that they were given to.</summary>
    public string?[] Splits { get; }

    /// <summary>Their contents.</summary>
    public ContentHash[] Contents { get; }

    /// <summary>Starts the next block with this many images.</summary>
    public void Begin(int count) => Count = count;

    /// <summary>The code of a row.</summary>
    public Span<float> Code(int column, int row) =>
        MemoryMarshal.Cast<byte, float>(codes[column].AsSpan()).Slice(row * widths[column], widths[column]);

    /// <summary>The codes of all rows in use as bytes.</summary>
    public ReadOnlyMemory<byte> Bytes(int column) => codes[column].AsMemory(0, Count * widths[column] * sizeof(float));

    /// <summary>Takes rows out; the others move up in their order.</summary>
    public void Keep(Func<int, bool> good)
    {
        var kept = 0;
        for (var row = 0; row < Count; row++)
        {
            if (!good(row))
            {
                continue;
            }

            if (kept != row)
            {
                (Ids[kept], Labels[kept], Splits[kept], Contents[kept]) = (Ids[row], Labels[row], Splits[row], Contents[row]);
                for (var column = 0; column < codes.Length; column++)
                {
                    Code(column, row).CopyTo(Code(column, kept));
                }
            }

            kept++;
        }

        Count = kept;
    }
}
