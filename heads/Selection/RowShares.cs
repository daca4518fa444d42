namespace OnnxTransfer.Heads;

/// <summary>Stratified shares of rows: of every class the same share, at least one row, and smaller shares within larger ones.</summary>
internal static class RowShares
{
    // A share times a whole number may come out a little above the whole number that is meant.
    private const double Rounding = 1e-9;

    /// <summary>
    /// A share of some rows, ascending. Within a class, rows come in the order of a hash of seed and row; with groups in that of
    /// their groups first, so that a share has few groups whole rather than a little of each.
    /// </summary>
    public static int[] Of(IEnumerable<int> rows, int[] truth, IReadOnlyList<int>? groups, double share, int seed) =>
    [
        .. rows.GroupBy(row => truth[row])
            .SelectMany(ofClass => InOrder(ofClass, groups, seed).Take(Math.Max(1, (int)Math.Ceiling((share * ofClass.Count()) - Rounding))))
            .Order(),
    ];

    private static IEnumerable<int> InOrder(IEnumerable<int> rows, IReadOnlyList<int>? groups, int seed) => groups is null
        ? Folds.Shuffled(rows, seed)
        : Folds.Shuffled(rows.Select(row => groups[row]).Distinct(), seed)
            .GroupJoin(Folds.Shuffled(rows, seed), static group => group, row => groups[row], static (_, ofGroup) => ofGroup)
            .SelectMany(static ofGroup => ofGroup);
}
