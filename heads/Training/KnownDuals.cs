namespace OnnxTransfer.Heads;

/// <summary>
/// The dual variables of a one-vs-rest svm that was trained, by what its rows are and not by where they lie: where rows come and
/// go, those that stay find theirs again.
/// </summary>
internal sealed class KnownDuals
{
    private readonly IReadOnlyList<string> labels;
    private readonly UInt128[] keys;
    private readonly int[] starts, classes;
    private readonly double[] values;

    private KnownDuals(IReadOnlyList<string> labels, UInt128[] keys, int[] starts, int[] classes, double[] values) =>
        (this.labels, this.keys, this.starts, this.classes, this.values) = (labels, keys, starts, classes, values);

    /// <summary>Keeps those that are not zero.</summary>
    /// <param name="codes">The codes.</param>
    /// <param name="labels">The K classes.</param>
    /// <param name="signed">N x K dual variables times the signs of their pairs.</param>
    /// <param name="threads">Threads.</param>
    public static KnownDuals Of(CodeView codes, IReadOnlyList<string> labels, double[] signed, int threads)
    {
        ReadOnlySpan<double> Row(int row) => signed.AsSpan(row * labels.Count, labels.Count);
        int[] rows = [.. Enumerable.Range(0, codes.Rows).Where(row => Row(row).ContainsAnyExcept(0))];
        var keys = CodeKey.Of(codes, rows, threads);
        Array.Sort(keys, rows);
        var (starts, classes, values) = (new int[rows.Length + 1], new List<int>(), new List<double>());
        for (var i = 0; i < rows.Length; i++)
        {
            var row = Row(rows[i]);
            for (var k = 0; k < row.Length; k++)
            {
                if (row[k] != 0)
                {
                    classes.Add(k);
                    values.Add(row[k]);
                }
            }

            starts[i + 1] = values.Count;
        }

        return new KnownDuals(labels, keys, starts, [.. classes], [.. values]);
    }

    /// <summary>
    /// N x K signed dual variables of other codes: each goes to the rows that are like the one it was of and have its sign, by
    /// their weights; where there is none it is lost.
    /// </summary>
    /// <param name="codes">The codes.</param>
    /// <param name="targets">What is true of them.</param>
    /// <param name="names">Their classes.</param>
    /// <param name="threads">Threads.</param>
    public double[] On(CodeView codes, Targets targets, IReadOnlyList<string> names, int threads)
    {
        var index = names.Select(static (name, k) => (name, k)).ToDictionary(static of => of.name, static of => of.k, StringComparer.Ordinal);
        int[] places = [.. labels.Select(label => index.GetValueOrDefault(label, -1))];
        var wanted = CodeKey.Of(codes, [.. Enumerable.Range(0, codes.Rows)], threads);
        var weights = new double[values.Length];
        var signed = new double[(long)codes.Rows * names.Count];
        Visit(wanted, places, targets, (row, at, _) => weights[at] += targets.Weight(row));
        Visit(wanted, places, targets, (row, at, k) => signed[((long)row * names.Count) + k] += weights[at] > 0 ? values[at] * targets.Weight(row) / weights[at] : 0);
        return signed;
    }

    /// <summary>Calls <paramref name="visit"/>(row, dual variable, class) for all that a row may take.</summary>
    private void Visit(UInt128[] wanted, int[] places, Targets targets, Action<int, int, int> visit)
    {
        for (var row = 0; row < wanted.Length; row++)
        {
            var (first, end) = Find(wanted[row]);
            var positives = targets.Positives(row);
            for (var at = starts[first]; at < starts[end]; at++)
            {
                var k = places[classes[at]];
                if (k >= 0 && (values[at] > 0) == positives.Contains(k))
                {
                    visit(row, at, k);
                }
            }
        }
    }

    /// <summary>The rows of a key.</summary>
    private (int First, int End) Find(UInt128 key)
    {
        var first = Array.BinarySearch(keys, key);
        if (first < 0)
        {
            return (0, 0);
        }

        var end = first + 1;
        for (; first > 0 && keys[first - 1] == key; first--)
        {
        }

        for (; end < keys.Length && keys[end] == key; end++)
        {
        }

        return (first, end);
    }
}
