namespace OnnxTransfer.Onnx;

/// <summary>What a mistyped name may have been meant to be.</summary>
public static class NearestNames
{
    /// <summary>
    /// The <paramref name="count"/> legal names nearest to <paramref name="wanted"/> by the optimal string alignment
    /// distance (Damerau 1964: insertions, deletions, substitutions and swaps of neighbours), case ignored; a name that
    /// contains the wanted one counts as near. Ties stand in ordinal order.
    /// </summary>
    public static IReadOnlyList<string> Of(string wanted, IEnumerable<string> legal, int count)
    {
        ArgumentNullException.ThrowIfNull(wanted);
        ArgumentNullException.ThrowIfNull(legal);
        var key = wanted.ToUpperInvariant();
        return [.. legal.Distinct()
            .Select(name => (Name: name, Score: Score(key, name.ToUpperInvariant())))
            .OrderBy(c => c.Score)
            .ThenBy(c => c.Name, StringComparer.Ordinal)
            .Take(count)
            .Select(c => c.Name)];
    }

    // A part of a name is a likelier slip than a name of the same length with other letters.
    private static double Score(string wanted, string name) =>
        wanted.Length > 1 && name.Contains(wanted, StringComparison.Ordinal)
            ? 0.25 * Math.Min(4, name.Length - wanted.Length)
            : Distance(wanted, name);

    private static int Distance(string a, string b)
    {
        var rows = new int[3][];
        for (var i = 0; i < 3; i++)
        {
            rows[i] = new int[b.Length + 1];
        }

        for (var j = 0; j <= b.Length; j++)
        {
            rows[0][j] = j;
        }

        for (var i = 1; i <= a.Length; i++)
        {
            var (before, previous, current) = (rows[(i + 1) % 3], rows[(i - 1) % 3], rows[i % 3]);
            current[0] = i;
            for (var j = 1; j <= b.Length; j++)
            {
                var cost = a[i - 1] == b[j - 1] ? 0 : 1;
                current[j] = Math.Min(Math.Min(current[j - 1], previous[j]) + 1, previous[j - 1] + cost);
                if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1])
                {
                    current[j] = Math.Min(current[j], before[j - 2] + 1);
                }
            }
        }

        return rows[a.Length % 3][b.Length];
    }
}
