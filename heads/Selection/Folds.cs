namespace OnnxTransfer.Heads;

/// <summary>
/// Stratified folds: the rows in an order in which every fold is one range, so that a fold's training rows are two
/// ranges of the same matrix.
/// </summary>
/// <remarks>
/// Within a class, rows come in the order of a hash of seed and row number and are dealt to the folds in turn; the next
/// class goes on where the last one stopped. A class with a single row stays in training in every fold; every other
/// class keeps at least one row in training. With groups, <see cref="GroupedFolds"/> deals.
/// </remarks>
internal sealed class Folds
{
    private readonly int[] starts;

    private Folds(int[] order, int[] starts) => (Order, this.starts) = (order, starts);

    /// <summary>The rows: those never held out, then fold after fold, ascending in each, so that a file is walked in its order.</summary>
    public int[] Order { get; }

    /// <summary>The number of folds: as many as wanted, or the images (groups) of the largest class where these are fewer.</summary>
    public int Count => starts.Length - 1;

    /// <summary>Where a fold lies in <see cref="Order"/>.</summary>
    public (int First, int End) HeldOut(int fold) => (starts[fold], starts[fold + 1]);

    /// <summary>The rows that a fold trains on, as ranges of <see cref="Order"/>.</summary>
    public (int First, int End)[] Training(int fold) => [(0, starts[fold]), (starts[fold + 1], Order.Length)];

    /// <summary>Deals the rows.</summary>
    /// <param name="truth">N class indices.</param>
    /// <param name="classes">K.</param>
    /// <param name="seed">Another seed, another deal.</param>
    /// <param name="wanted">Folds at most.</param>
    /// <param name="groups">N numbers: rows of one number stay together; null: every row stands alone.</param>
    /// <exception cref="OnnxTransferException">
    /// <see cref="FailureKind.Usage"/>: not one group per row. <see cref="FailureKind.Data"/>: no class can be divided.
    /// </exception>
    public static Folds Of(int[] truth, int classes, int seed, int wanted, IReadOnlyList<int>? groups)
    {
        if (groups is not null && groups.Count != truth.Length)
        {
            throw new OnnxTransferException(
                FailureKind.Usage, $"There are {truth.Length} codes but {groups.Count} groups; give one group per code.");
        }

        var dealt = groups is null ? Deal(truth, classes, seed, wanted) : GroupedFolds.Deal(truth, classes, seed, wanted, groups);
        var starts = new int[dealt.Length];
        starts[0] = dealt[0].Count;
        for (var fold = 1; fold < dealt.Length; fold++)
        {
            starts[fold] = starts[fold - 1] + dealt[fold].Count;
        }

        return new Folds([.. dealt.SelectMany(static rows => rows.Order())], starts);
    }

    /// <summary>Rows in an order that is chance, but always the same for a seed.</summary>
    public static IOrderedEnumerable<int> Shuffled(IEnumerable<int> rows, int seed) =>
        rows.OrderBy(row => Hash.Mix((ulong)row ^ Hash.Mix(unchecked((ulong)seed))));

    private static List<int>[] Deal(int[] truth, int classes, int seed, int wanted)
    {
        var byClass = Lists(classes);
        for (var row = 0; row < truth.Length; row++)
        {
            byClass[truth[row]].Add(row);
        }

        var count = Math.Min(wanted, byClass.Max(static rows => rows.Count));
        if (count < 2)
        {
            throw new OnnxTransferException(
                FailureKind.Data, "Every class has a single image, so C cannot be chosen by cross-validation; add images or give C.");
        }

        var folds = Lists(count + 1);
        var next = 0;
        foreach (var rows in byClass)
        {
            if (rows.Count == 1)
            {
                folds[0].Add(rows[0]);
                continue;
            }

            foreach (var row in Shuffled(rows, seed))
            {
                folds[1 + (next++ % count)].Add(row);
            }
        }

        return folds;
    }

    /// <summary>So many empty lists.</summary>
    internal static List<int>[] Lists(int count) => [.. Enumerable.Range(0, count).Select(static _ => new List<int>())];
}
