namespace OnnxTransfer.Heads;

/// <summary>What the losses know of N rows: which of the K classes are true of a row, and how much the row counts.</summary>
/// <param name="classes">K.</param>
/// <param name="positives">The true classes of all rows, row after row: one each, or any number for multi-label heads.</param>
/// <param name="starts">Where each row's classes start, N + 1 numbers; null where every row has one.</param>
/// <param name="weights">By what C is multiplied in each row; null: 1.</param>
internal sealed class Targets(int classes, int[] positives, int[]? starts = null, double[]? weights = null)
{
    /// <summary>K.</summary>
    public int Classes => classes;

    /// <summary>N.</summary>
    public int Rows => starts is null ? positives.Length : starts.Length - 1;

    /// <summary>The one true class of a row.</summary>
    public int Truth(int row) => positives[row];

    /// <summary>The true classes of a row, ascending.</summary>
    public ReadOnlySpan<int> Positives(int row) =>
        starts is null ? positives.AsSpan(row, 1) : positives.AsSpan(starts[row], starts[row + 1] - starts[row]);

    /// <summary>How much the row counts.</summary>
    public double Weight(int row) => weights is null ? 1 : weights[row];

    /// <summary>Sets +1 at the true classes of a row and -1 at the others.</summary>
    public void Signs(int row, Span<double> signs)
    {
        signs.Fill(-1);
        foreach (var k in Positives(row))
        {
            signs[k] = 1;
        }
    }

    /// <summary>The same rows in another order, or some of them.</summary>
    public Targets Select(IReadOnlyList<int> rows)
    {
        var chosen = starts is null ? null : new int[rows.Count + 1];
        var found = new List<int>(rows.Count);
        for (var i = 0; i < rows.Count; i++)
        {
            found.AddRange(Positives(rows[i]));
            _ = chosen is null ? 0 : chosen[i + 1] = found.Count;
        }

        return new Targets(classes, [.. found], chosen, weights is null ? null : [.. rows.Select(row => weights[row])]);
    }
}
