using System.Runtime.InteropServices;

namespace OnnxTransfer.Heads;

/// <summary>N codes of D numbers each: float32, row-major, one row per image.</summary>
public sealed class CodeMatrix
{
    /// <summary>Wraps numbers; they are taken, not copied.</summary>
    /// <param name="values">Rows x columns numbers, row by row.</param>
    /// <param name="rows">N, the images.</param>
    /// <param name="columns">D, the length of a code.</param>
    public CodeMatrix(ReadOnlyMemory<float> values, int rows, int columns)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(rows);
        ArgumentOutOfRangeException.ThrowIfLessThan(columns, 1);
        ArgumentOutOfRangeException.ThrowIfNotEqual(values.Length, checked(rows * columns));
        (Values, Rows, Columns) = (values, rows, columns);
    }

    /// <summary>Rows x Columns numbers, row by row.</summary>
    public ReadOnlyMemory<float> Values { get; }

    /// <summary>N, the images.</summary>
    public int Rows { get; }

    /// <summary>D, the length of a code.</summary>
    public int Columns { get; }

    /// <summary>Whether the numbers are a file's, mapped: then a copy in memory is what is to be avoided.</summary>
    internal bool IsMapped => MemoryMarshal.TryGetMemoryManager<float, MappedNumbers>(Values, out _);

    /// <summary>One code.</summary>
    public ReadOnlySpan<float> Row(int row) => Values.Span.Slice(checked(row * Columns), Columns);

    /// <summary>A copy of chosen rows, in the order given.</summary>
    public CodeMatrix Select(IReadOnlyList<int> rows)
    {
        ArgumentNullException.ThrowIfNull(rows);
        var values = new float[checked(rows.Count * Columns)];
        for (var i = 0; i < rows.Count; i++)
        {
            Row(rows[i]).CopyTo(values.AsSpan(i * Columns));
        }

        return new CodeMatrix(values, rows.Count, Columns);
    }
}
