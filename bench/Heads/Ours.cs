using OnnxTransfer.Heads;

namespace OnnxTransfer.Bench.Heads;

/// <summary>Our heads, in this process, through the public door.</summary>
internal sealed class Ours(BenchOptions options)
{
    public const string Name = "OnnxTransfer";

    private const double ReferenceGap = 1e-8;
    private static readonly double[] Curve = [1e-1, 1e-2, 1e-3, 1e-4, 1e-5, 1e-6];

    /// <summary>Whether there is such a head yet.</summary>
    public static bool Has(string head) => HeadLossNames.All.Contains(head);

    /// <summary>Solves a small problem so that the code is compiled.</summary>
    public void WarmUp(Problem small, string head, bool penalised) =>
        Train(small, Options(new HeadTask(small.Name, head, 1, penalised), 1e-4), CancellationToken.None);

    /// <summary>Our points on a task, and the largest dual value that any of the certificates proves.</summary>
    /// <exception cref="OnnxTransferException">
    /// <see cref="FailureKind.Mathematics"/>: a certificate's objective is not that of its weights.
    /// </exception>
    public (Series Series, double Bound) Measure(Problem problem, HeadTask task)
    {
        var (points, bound, end, overLimit) = (new List<Point>(), double.NegativeInfinity, (string?)null, false);
        foreach (var gap in Curve.Union(options.Gaps).Append(ReferenceGap).Distinct().OrderDescending())
        {
            // The reference is no row of a table and is solved once.
            var reference = gap < options.Gaps.Min() && gap <= ReferenceGap;
            try
            {
                using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(options.Limit));
                var (head, seconds, fits) = Repeats.Fastest(() => Train(problem, Options(task, gap), limit.Token), most: reference ? 1 : Repeats.Most);
                bound = Math.Max(bound, head.Certificate.DualBound);
                var objective = Check(problem, task, head);
                if (head.Certificate.Converged)
                {
                    points.Add(new Point($"gap {gap:g}", seconds, fits, head.Certificate.Passes, objective, gap));
                    Console.Error.WriteLine($"{task}: {Name} gap {gap:g} {Tables.Seconds(seconds)} s, proven {Tables.Short(head.Certificate.RelativeGap)}");
                    continue;
                }

                end = $"gap {gap:g} not proven ({Tables.Short(head.Certificate.RelativeGap)} after {Tables.Seconds(seconds)} s)";
            }
            catch (OperationCanceledException)
            {
                (end, overLimit) = ($"gap {gap:g} takes over {options.Limit:g} s", true);
            }

            Console.Error.WriteLine($"{task}: {Name} {end}");
            break;
        }

        return (new Series(task, Name, options.Threads, points, end, overLimit), bound);
    }

    /// <summary>Our choice of C for a softmax head, and the C that were tried.</summary>
    public (Choice Choice, IReadOnlyList<double> Tried) Choose(Problem problem)
    {
        var asked = new HeadOptions { Threads = options.Threads, RelativeGap = 1e-4, MaxPasses = int.MaxValue };
        var (head, seconds, _) = Repeats.Fastest(() => Train(problem, asked, CancellationToken.None));
        var selection = head.Selection!;
        var chosen = selection.Candidates.Single(candidate => candidate.C == head.C);
        return (
            new Choice(problem.Name, Name, "gap 1e-4 at the chosen C", selection.Folds, selection.Candidates.Count, seconds, head.C, chosen.Accuracy, null),
            [.. selection.Candidates.Select(static candidate => candidate.C)]);
    }

    private HeadOptions Options(HeadTask task, double gap) => new()
    {
        Loss = HeadLossNames.Parse(task.Head),
        C = task.C,
        RegularizeIntercept = task.Penalised,
        RelativeGap = gap,
        Threads = options.Threads,
        MaxPasses = int.MaxValue,
    };

    private static LinearHead Train(Problem problem, HeadOptions asked, CancellationToken limit) =>
        LinearHead.Train(problem.Codes, problem.Truth, problem.Labels, asked, limit);

    private static double Check(Problem problem, HeadTask task, LinearHead head)
    {
        var objective = Objective.Of(problem, task, head.Weights.Span);
        var stated = head.Certificate.Objective;
        return Math.Abs(objective - stated) <= 1e-9 * Math.Abs(objective)
            ? objective
            : throw new OnnxTransferException(
                FailureKind.Mathematics, $"{task}: the certificate says that the objective is {stated:g17}, and it is {objective:g17}; the certificate is wrong.");
    }
}
