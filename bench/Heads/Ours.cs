using OnnxTransfer.Heads;

namespace OnnxTransfer.Bench.Heads;

/// <summary>Our heads, in this process, through the public door.</summary>
internal sealed class Ours(BenchOptions options)
{
    public const string Name = "OnnxTransfer";

    private const double ReferenceGap = 1e-8;
    private const double ReferenceLimits = 10;
    private static readonly double[] Curve = [1e-1, 1e-2, 1e-3, 1e-4, 1e-5, 1e-6];

    /// <summary>Whether there is such a head yet.</summary>
    public static bool Has(string head) => HeadLossNames.All.Contains(head);

    /// <summary>Solves a small problem so that the code is compiled.</summary>
    public void WarmUp(Problem small, string head, bool penalised) =>
        Train(small, Options(new HeadTask(small.Name, head, 1, penalised), 1e-4), CancellationToken.None);

    /// <summary>
    /// Our points on a task, and what all certificates together prove of the optimum: also that of a solve to a tiny gap,
    /// which is no row of a table and may take <see cref="ReferenceLimits"/> times the limit.
    /// </summary>
    /// <exception cref="OnnxTransferException">
    /// <see cref="FailureKind.Mathematics"/>: a certificate's objective is not that of its weights.
    /// </exception>
    public (Series Series, Enclosure Optimum) Measure(Problem problem, HeadTask task)
    {
        var (points, optimum) = (new List<Point>(), Enclosure.Nothing);
        (string? Reason, bool OverLimit) end = (null, false);
        foreach (var gap in Curve.Union(options.Gaps).OrderDescending())
        {
            end = Solve(problem, task, gap, options.Limit, Repeats.Most, points, ref optimum);
            if (end.Reason is not null)
            {
                break;
            }
        }

        Solve(problem, task, ReferenceGap, ReferenceLimits * options.Limit, 1, [], ref optimum);
        return (new Series(task, Name, options.Threads, points, end.Reason, end.OverLimit), optimum);
    }

    /// <summary>One gap: adds its point, or says why there is none.</summary>
    private (string? Reason, bool OverLimit) Solve(
        Problem problem, HeadTask task, double gap, double seconds, int most, List<Point> points, ref Enclosure optimum)
    {
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(seconds));
        (string? Reason, bool OverLimit) end;
        try
        {
            var (head, time, fits) = Repeats.Fastest(() => Train(problem, Options(task, gap), limit.Token), most: most);
            var objective = Check(problem, task, head);
            optimum = optimum.And(head.Certificate.DualBound, objective);
            var proven = $"proven {Tables.Short(head.Certificate.RelativeGap)}, {Tables.Seconds(time)} s";
            if (head.Certificate.Converged)
            {
                points.Add(new Point($"gap {gap:g}", time, fits, head.Certificate.Passes, objective, gap));
                Console.Error.WriteLine($"{task}: {Name} gap {gap:g} {proven}");
                return (null, false);
            }

            end = ($"gap {gap:g} not reached ({proven})", false);
        }
        catch (OperationCanceledException)
        {
            end = ($"gap {gap:g} takes over {seconds:g} s", true);
        }

        Console.Error.WriteLine($"{task}: {Name} {end.Reason}");
        return end;
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
        return Math.Abs(objective - stated) <= 1e-8 * Math.Abs(objective)
            ? objective
            : throw new OnnxTransferException(
                FailureKind.Mathematics, $"{task}: the certificate says that the objective is {stated:g17}, and it is {objective:g17}; the certificate is wrong.");
    }
}
