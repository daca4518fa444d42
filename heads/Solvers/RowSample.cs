namespace OnnxTransfer.Heads;

/// <summary>
/// An eighth of the rows, for where an optimum need not be good: with C divided by their share, theirs is a start for that of
/// all rows, at an eighth of the cost.
/// </summary>
internal static class RowSample
{
    /// <summary>The share of the rows.</summary>
    public const double Share = 1.0 / 8;

    private const int LeastRows = 1000;
    private const int LeastPerClass = 10;

    /// <summary>Rows by a hash of their numbers, ascending; null where they would be too few to tell much of all.</summary>
    public static int[]? Of(RowSlabs slabs, int classes)
    {
        var count = (int)(slabs.Rows * Share);
        if (count < Math.Max(LeastRows, LeastPerClass * classes))
        {
            return null;
        }

        int[] rows = [.. slabs.AllRows().OrderBy(static row => Hash.Mix((ulong)row)).Take(count)];
        Array.Sort(rows);
        return rows;
    }
}
