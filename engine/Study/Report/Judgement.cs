using OnnxTransfer.Engine;
using OnnxTransfer.Heads;

namespace OnnxTransfer.Study;

/// <summary>What a head on the recommended layer took images for that it had not seen.</summary>
/// <param name="Classes">The K classes.</param>
/// <param name="Confusion">K x K counts: row the truth, column the prediction.</param>
/// <param name="IsTest">Whether these are the images of the test part; else those to learn from, each while it was held out.</param>
/// <param name="Mistakes">Those that were wrong with the largest margin, <see cref="MostMistakes"/> at most.</param>
public sealed record Judgement(
    IReadOnlyList<string> Classes, IReadOnlyList<IReadOnlyList<int>> Confusion, bool IsTest, IReadOnlyList<Mistake> Mistakes)
{
    /// <summary>Mistakes at most.</summary>
    public const int MostMistakes = 24;

    private const int Neighbours = 3;

    /// <summary>Images that were judged.</summary>
    public int Images => Confusion.Sum(static row => row.Sum());

    /// <summary>How many of them were right.</summary>
    public int Correct => Classes.Select((_, k) => Confusion[k][k]).Sum();

    /// <summary>Judges the test part, or where there is none the images to learn from by heads that had not seen them.</summary>
    /// <param name="head">The head on the recommended layer, with its choice of C.</param>
    /// <param name="codes">The images.</param>
    /// <param name="train">The codes to learn from.</param>
    /// <param name="test">The codes of the test part; null: there is none.</param>
    /// <param name="options">How the head was trained.</param>
    /// <param name="cancellation">Stops.</param>
    internal static Judgement Of(
        LinearHead head, TrainTestCodes codes, CodeMatrix train, CodeMatrix? test, HeadOptions options, CancellationToken cancellation)
    {
        var index = head.Labels.Select(static (label, k) => (label, k)).ToDictionary(static of => of.label, static of => of.k, StringComparer.Ordinal);
        var rows = test is null ? codes.Train : codes.Test;
        int[] truth = [.. rows.Select(row => index[codes.Codes.Labels[row]])];
        string[] labels = [.. codes.Train.Select(row => codes.Codes.Labels[row])];
        var (scores, predicted) = test is null
            ? (LinearHead.ScoreHeldOut(train, labels, Fixed(head, options), cancellation), head.HeldOutPredictions(train, labels, options, cancellation))
            : (Scores(head, test), head.Predict(test));
        var confusion = head.Labels.Select(_ => new int[head.Labels.Count]).ToArray();
        var wrong = new List<(int Row, double Margin)>();
        for (var i = 0; i < truth.Length; i++)
        {
            if (predicted[i] < 0)
            {
                continue;
            }

            confusion[truth[i]][predicted[i]]++;
            var margin = scores[(i * head.Labels.Count) + predicted[i]] - scores[(i * head.Labels.Count) + truth[i]];
            if (predicted[i] != truth[i] && margin > 0)
            {
                wrong.Add((i, margin));
            }
        }

        (int Row, double Margin)[] worst = [.. wrong.OrderByDescending(static of => of.Margin).ThenBy(static of => of.Row).Take(MostMistakes)];
        var nearest = Nearest(train, test ?? train, [.. worst.Select(static of => of.Row)], test is null, cancellation);
        return new Judgement(
            head.Labels, confusion, test is not null,
            [
                .. worst.Select((of, i) => new Mistake(
                    codes.Codes.Ids[rows[of.Row]], head.Labels[truth[of.Row]], head.Labels[predicted[of.Row]], of.Margin,
                    [.. nearest[i].Select(row => new Neighbour(codes.Codes.Ids[codes.Train[row]], labels[row]))])),
            ]);
    }

    private static HeadOptions Fixed(LinearHead head, HeadOptions options) => options with { C = head.Loss.IsClosedForm() ? null : head.C };

    private static double[] Scores(LinearHead head, CodeMatrix codes)
    {
        var scores = new double[codes.Rows * head.Labels.Count];
        Parallel.For(0, codes.Rows, row => head.Scores(codes.Row(row), scores.AsSpan(row * head.Labels.Count, head.Labels.Count)));
        return scores;
    }

    /// <summary>For each of some rows the nearest codes to learn from, by Euclidean distance of standardised codes; never itself.</summary>
    private static int[][] Nearest(CodeMatrix train, CodeMatrix judged, int[] rows, bool same, CancellationToken cancellation)
    {
        if (rows.Length == 0)
        {
            return [];
        }

        var standard = StandardColumns.Of(train);
        var codes = standard.Apply(judged, rows);
        var distances = rows.Select(_ => new double[train.Rows]).ToArray();

        // A code at a time: all of them standardised would be a second matrix.
        Parallel.For(0, train.Rows, new ParallelOptions { CancellationToken = cancellation }, row =>
        {
            var other = standard.Apply(train, [row]).Row(0);
            for (var i = 0; i < rows.Length; i++)
            {
                var code = codes.Row(i);
                for (var column = 0; column < other.Length; column++)
                {
                    double apart = code[column] - other[column];
                    distances[i][row] += apart * apart;
                }
            }
        });
        return
        [
            .. rows.Select((self, i) => Enumerable.Range(0, train.Rows)
                .Where(row => !same || row != self)
                .OrderBy(row => distances[i][row]).ThenBy(static row => row)
                .Take(Neighbours)
                .ToArray()),
        ];
    }
}

/// <summary>An image that was taken for another class.</summary>
/// <param name="Image">Its id.</param>
/// <param name="Label">The class it has.</param>
/// <param name="Predicted">The class it was taken for.</param>
/// <param name="Margin">The score of that class less the score of its own.</param>
/// <param name="Nearest">The images to learn from that are nearest to it, the nearest first.</param>
public sealed record Mistake(string Image, string Label, string Predicted, double Margin, IReadOnlyList<Neighbour> Nearest);

/// <summary>An image with its class.</summary>
/// <param name="Image">Its id.</param>
/// <param name="Label">Its class.</param>
public sealed record Neighbour(string Image, string Label);
