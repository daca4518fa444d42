namespace OnnxTransfer.Engine;

/// <summary>How the positions of a tapped tensor become one vector per image; computed inside the graph.</summary>
public enum Pooling
{
    /// <summary>The mean of each channel over its positions: C numbers.</summary>
    Average,

    /// <summary>The largest value of each channel: C numbers.</summary>
    Maximum,

    /// <summary>The C means, then the C largest values.</summary>
    AverageAndMaximum,

    /// <summary>The means over a 2 x 2 grid: 4 C numbers, the four cells of a channel together, row by row.</summary>
    Grid2,

    /// <summary>The means over a 3 x 3 grid: 9 C numbers, the nine cells of a channel together, row by row.</summary>
    Grid3,

    /// <summary>Every value, in the tensor's own order.</summary>
    Flatten,
}

/// <summary>The spelling of <see cref="Pooling"/> on the command line, in stores and in exported models.</summary>
public static class PoolingNames
{
    private static readonly (Pooling Pooling, string Text)[] Spellings =
    [
        (Pooling.Average, "avg"),
        (Pooling.Maximum, "max"),
        (Pooling.AverageAndMaximum, "avg+max"),
        (Pooling.Grid2, "grid2"),
        (Pooling.Grid3, "grid3"),
        (Pooling.Flatten, "flatten"),
    ];

    /// <summary>All spellings, in the order of <see cref="Pooling"/>.</summary>
    public static IReadOnlyList<string> All { get; } = [.. Spellings.Select(spelling => spelling.Text)];

    /// <summary>The spelling: <c>avg</c>, <c>max</c>, <c>avg+max</c>, <c>grid2</c>, <c>grid3</c> or <c>flatten</c>.</summary>
    public static string ToText(this Pooling pooling)
    {
        foreach (var spelling in Spellings)
        {
            if (spelling.Pooling == pooling)
            {
                return spelling.Text;
            }
        }

        throw new ArgumentOutOfRangeException(nameof(pooling), pooling, "There is no such pooling.");
    }

    /// <summary>The pooling of a spelling.</summary>
    /// <exception cref="OnnxTransferException"><see cref="FailureKind.Usage"/>: there is none of that name; all are listed.</exception>
    public static Pooling Parse(string text)
    {
        foreach (var spelling in Spellings)
        {
            if (string.Equals(spelling.Text, text, StringComparison.OrdinalIgnoreCase))
            {
                return spelling.Pooling;
            }
        }

        throw new OnnxTransferException(
            FailureKind.Usage, $"There is no pooling '{text}'; choose one of {string.Join(", ", All)}.");
    }
}
