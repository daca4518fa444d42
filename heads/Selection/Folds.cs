namespace OnnxTransfer.Heads;

/// <summary>
/// Stratified folds: the rows in an order in which every fold is one range, so that a fold's training rows are two
/// ranges of the same matrix.
/// </summary>
/// <remarks>
/// Within a class, rows come in the order of a hash of seed and row number and are dealt to the folds in turn; the next
/// class goes on where the last one stopped. A class with a single row stays in training in every fold; every other
/// class keeps at least one row in training.
/// </remarks>
internal sealed class Folds
{
    /// <summary>Folds at most.</summary>
    public const int Most = 5;

    private readonly int[] starts;

    private Folds(int[] order, int[] starts) => (Order, this.starts) = (order, starts);

    /// <summary>The rows: those never held out, then fold after fold.</summary>
    public int[] Order { get; }

    /// <summary>The number of folds: 5, or the images of the largest class where these are fewer.</summary>
    public int Count => starts.Length - 1;

    /// <summary>Where a fold lies in <see cref="Order"/>.</summary>
    public (int First, int End) HeldOut(int fold) => (starts[fold], starts[fold + 1]);

    /// <summary>The rows that a fold trains on, as ranges of <see cref="Order"/>.</summary>
    public (int First, int End)[] Training(int fold) => [(0, starts[fold]), (starts[fold + 1], Order.Length)];

    /// <summary>Deals the rows.</summary>
    /// <exception cref="OnnxTransferException"><see cref="FailureKind.Data"/>: every class has a single image.</exception>
    public static Folds Of(int[] truth, int classes, int seed)
    {
        var byClass = new List<int>[classes];
        for (var k = 0; k < classes; k++)
        {
            byClass[k] = [];
        }

        for (var row = 0; row < truth.Length; row++)
        {
            byClass[truth[row]].Add(row);
        }

        var count = Math.Min(Most, byClass.Max(static rows => rows.Count));
        if (count < 2)
        {
            throw new OnnxTransferException(
                FailureKind.Data, "Every class has a single image, so C cannot be chosen by cross-validation; add images or give C.");
        }

        var folds = new List<int>[count + 1];
        for (var fold = 0; fold <= count; fold++)
        {
            folds[fold] = [];
        }

        var next = 0;
        foreach (var rows in byClass)
        {
            if (rows.Count == 1)
            {
                folds[0].Add(rows[0]);
                continue;
            }

            foreach (var row in rows.OrderBy(row => Hash.Mix((ulong)row ^ Hash.Mix(unchecked((ulong)seed)))))
            {
                folds[1 + (next++ % count)].Add(row);
            }
        }

        var starts = new int[count + 1];
        starts[0] = folds[0].Count;
        for (var fold = 0; fold < count; fold++)
        {
            starts[fold + 1] = starts[fold] + folds[fold + 1].Count;
        }

        return new Folds([.. folds.SelectMany(static rows => rows)], starts);
    }
}
