using System.Numerics;

namespace OnnxTransfer.Heads;

/// <summary>
/// Stratified folds of whole groups, greedily: groups come large ones first (by powers of two, and by a hash of seed and
/// first row among those alike), and each goes to the fold that has least of its classes.
/// </summary>
/// <remarks>
/// "Least" is the growth of sum_fk (c_fk / N_k)^2, c_fk the rows of class k in fold f and N_k all that can be held out, so
/// every class counts the same; of equals the fold with the fewest rows, then the first. A group that holds every image of
/// a class stays in training in every fold, and so does one that would leave each fold without some class to train on: every
/// class is trained on in every fold.
/// </remarks>
internal static class GroupedFolds
{
    /// <summary>The rows: those never held out, then fold after fold.</summary>
    /// <inheritdoc cref="Folds.Of" path="/exception"/>
    public static List<int>[] Deal(int[] truth, int classes, int seed, int wanted, IReadOnlyList<int> groups)
    {
        var all = Enumerable.Range(0, truth.Length).GroupBy(row => groups[row])
            .Select(rows => new Group([.. rows], [.. rows.GroupBy(row => truth[row]).Select(static of => (of.Key, of.Count()))])).ToArray();
        var groupsOf = new int[classes];
        foreach (var (k, _) in all.SelectMany(static group => group.Classes))
        {
            groupsOf[k]++;
        }

        var kept = all.ToLookup(group => group.Classes.Any(of => groupsOf[of.Class] == 1));
        var (totals, left) = (new int[classes], new int[classes]);
        foreach (var (k, rows) in kept[false].SelectMany(static group => group.Classes))
        {
            totals[k] += rows;
            left[k]++;
        }

        var count = Math.Min(wanted, left.Max());
        if (count < 2)
        {
            throw new OnnxTransferException(
                FailureKind.Data,
                "The groups cannot be divided so that every class stays in training: no class has two groups that hold all of no other class; "
                + "add images, make the groups smaller, or give C.");
        }

        var folds = Folds.Lists(count + 1);
        folds[0].AddRange(kept[true].SelectMany(static group => group.Rows));

        // A class that a group kept in training holds too is safe; any other must come to lie in two folds.
        var safe = new bool[classes];
        foreach (var (k, _) in kept[true].SelectMany(static group => group.Classes))
        {
            safe[k] = true;
        }

        var rowsOf = new int[count, classes];
        var order = kept[false].OrderByDescending(static group => BitOperations.Log2((uint)group.Rows.Length))
            .ThenBy(group => Hash.Mix((ulong)group.Rows[0] ^ Hash.Mix(unchecked((ulong)seed))));
        foreach (var group in order)
        {
            var best = Best(group, folds, rowsOf, totals, left, safe);
            folds[best + 1].AddRange(group.Rows);
            foreach (var (k, rows) in group.Classes)
            {
                left[k]--;
                safe[k] |= best < 0;
                if (best >= 0)
                {
                    safe[k] |= Enumerable.Range(0, count).Any(fold => fold != best && rowsOf[fold, k] > 0);
                    rowsOf[best, k] += rows;
                }
            }
        }

        return folds;
    }

    /// <summary>The fold for a group; -1, training for good, where every fold would take a class out of its own training.</summary>
    private static int Best(Group group, List<int>[] folds, int[,] rowsOf, int[] totals, int[] left, bool[] safe)
    {
        var (best, least) = (-1, double.PositiveInfinity);
        for (var fold = 0; fold < folds.Length - 1; fold++)
        {
            var growth = 0.0;
            foreach (var (k, rows) in group.Classes)
            {
                var isLast = !safe[k] && left[k] == 1 && rowsOf[fold, k] > 0;
                growth += isLast ? double.PositiveInfinity : (double)rowsOf[fold, k] * rows / ((double)totals[k] * totals[k]);
            }

            var isBetter = growth < least || (growth == least && best >= 0 && folds[fold + 1].Count < folds[best + 1].Count);
            (best, least) = isBetter ? (fold, growth) : (best, least);
        }

        return best;
    }

    /// <summary>Rows that stay together, and how many there are of each of their classes.</summary>
    private sealed record Group(int[] Rows, (int Class, int Rows)[] Classes);
}
