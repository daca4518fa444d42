using OnnxTransfer.Engine;
using OnnxTransfer.Heads;

namespace OnnxTransfer.Bench.Recommendation;

/// <summary>What each rule takes of a set's layers, by images a class.</summary>
internal static class Draws
{
    /// <summary>Images a class; the last is all that there are.</summary>
    public static IReadOnlyList<int> Sizes { get; } = [3, 5, 10, 20, 40, int.MaxValue];

    /// <summary>Of a size and rule: the mean test accuracy and the mean share of the network's work; a size that the set has not is left out.</summary>
    public static Dictionary<(int Size, Rule Rule), (double Accuracy, double CostPercent)> Of(Codes codes, IReadOnlyList<Tap> taps, int draws)
    {
        var (train, test) = (Part(codes, "train"), Part(codes, "test"));
        int[][] classes = [.. train.GroupBy(row => codes.Labels[row]).Select(static rows => rows.ToArray())];
        var means = new Dictionary<(int, Rule), (double, double)>();
        foreach (var size in Sizes.Where(size => size == int.MaxValue || size < classes.Min(static rows => rows.Length)))
        {
            TestedLayer[][] trained =
            [
                .. Enumerable.Range(0, size == int.MaxValue ? 1 : draws).SelectMany(draw => Losses.Select(loss => TestedLayer.Train(codes, taps, Draw(classes, size, draw), test, loss))),
            ];
            foreach (var rule in Rule.All)
            {
                TestedLayer[] chosen = [.. trained.Select(rule.Choose)];
                means[(size, rule)] = (chosen.Average(static layer => layer.TestAccuracy), chosen.Average(static layer => layer.Tap.Point.CostPercent));
            }
        }

        return means;
    }

    private static HeadLoss[] Losses { get; } = [HeadLoss.Softmax, HeadLoss.SquaredHinge];

    private static int[] Part(Codes codes, string split) => [.. Enumerable.Range(0, codes.Ids.Count).Where(row => codes.Splits[row] == split)];

    private static int[] Draw(int[][] classes, int size, int seed)
    {
        var random = new Random(seed);
        return [.. classes.SelectMany(rows => rows.OrderBy(_ => random.Next()).Take(size)).Order()];
    }
}
