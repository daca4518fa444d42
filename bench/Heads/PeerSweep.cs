using System.Runtime.InteropServices;

namespace OnnxTransfer.Bench.Heads;

/// <summary>
/// A peer cannot be asked for a gap, so it is fitted at ever tighter tolerances until its exact objective is within the
/// wanted gap of our dual value. Objective and gap are computed outside the clock.
/// </summary>
internal sealed class PeerSweep(PeerProcess process, Problem small, BenchOptions options)
{
    // A step that leaves at least this share of the gap, three times in a row, says that a number type is exhausted.
    private const double Stalled = 0.9;
    private const int Patience = 3;

    /// <summary>The peer's points on a task, down to the smallest wanted gap or the reason why not.</summary>
    /// <exception cref="OnnxTransferException">
    /// <see cref="FailureKind.Mathematics"/>: a peer is below our dual value, so that is none.
    /// </exception>
    public Series Measure(Problem problem, HeadTask task, Peer peer, double bound)
    {
        WarmUp(task.C, peer);
        var (points, at, best) = (new List<Point>(), 0, double.PositiveInfinity);
        string? end = null;
        foreach (var type in peer.Types)
        {
            var stalls = 0;
            for (; at < peer.Tolerances.Count && stalls < Patience; at++)
            {
                var setting = Setting(peer, type, peer.Tolerances[at]);
                var (point, reason, overLimit) = Fit(problem, task, peer, type, peer.Tolerances[at], setting);
                if (point is null)
                {
                    Console.Error.WriteLine($"{task}: {peer.Name}, {reason}");
                    return new Series(task, peer.Name, peer.Threads, points, reason, overLimit);
                }

                var gap = Series.Gap(point.Objective, bound);
                Console.Error.WriteLine($"{task}: {peer.Name} {setting} {Tables.Seconds(point.Seconds)} s, gap {Tables.Short(gap)}");
                if (point.Objective < bound - (1e-9 * Math.Abs(bound)))
                {
                    throw new OnnxTransferException(
                        FailureKind.Mathematics, $"{task}: {peer.Name} has an objective of {point.Objective:g17}, below our dual value {bound:g17}; the certificate is wrong.");
                }

                points.Add(point);
                if (gap <= options.Gaps[^1])
                {
                    return new Series(task, peer.Name, peer.Threads, points, null);
                }

                stalls = gap > Stalled * best ? stalls + 1 : 0;
                best = Math.Min(best, gap);
            }

            end = stalls == Patience ? $"no smaller gap with a tighter setting ({type})" : "not with its tightest setting";
            at = Math.Max(0, at - Patience);
        }

        return new Series(task, peer.Name, peer.Threads, points, end);
    }

    /// <summary>What the process's peer for it chooses among the C that we tried.</summary>
    public Choice Choose(Problem problem, string name, Choice ours, IReadOnlyList<double> tried)
    {
        const double Tolerance = 1e-2;
        var (weights, limit) = (Path.GetTempFileName(), options.Limit * ours.Folds);
        try
        {
            var answer = process.Ask(new ChoiceRequest(tried, ours.Folds, problem.Folder, Tolerance, weights), limit);
            var end = answer is null ? $"takes over {limit:g} s" : answer.Error;
            return new Choice(
                problem.Name, name, $"tol {Tolerance:g}", ours.Folds, tried.Count, end is null ? answer!.Seconds : null, answer?.C ?? 0, answer?.Accuracy ?? 0, end);
        }
        finally
        {
            File.Delete(weights);
        }
    }

    /// <summary>Fits the small problem once, so that code is compiled and libraries are loaded, as for ours.</summary>
    private void WarmUp(double c, Peer peer)
    {
        var weights = Path.GetTempFileName();
        try
        {
            process.Ask(new FitRequest(peer.Name, small.Folder, c, peer.Tolerances[0], peer.Types[0], weights, 0, 1), options.Limit);
        }
        finally
        {
            File.Delete(weights);
        }
    }

    private (Point? Point, string? Reason, bool OverLimit) Fit(Problem problem, HeadTask task, Peer peer, string type, double tolerance, string setting)
    {
        var weights = Path.GetTempFileName();
        try
        {
            var request = new FitRequest(peer.Name, problem.Folder, task.C, tolerance, type, weights, Repeats.Seconds, Repeats.Most);

            // The limit is for one fit; repeats of a fit that is shorter than Repeats.Seconds come on top.
            return process.Ask(request, options.Limit + Repeats.Seconds) switch
            {
                null => (null, $"{setting} takes over {options.Limit:g} s", true),
                { Error: { } error } => (null, $"{setting} ends with {error}", false),
                var answer => (
                    new Point(
                        setting, answer.Seconds, answer.Fits, answer.Iterations,
                        Objective.Of(problem, task, MemoryMarshal.Cast<byte, double>(File.ReadAllBytes(weights)))),
                    null, false),
            };
        }
        finally
        {
            File.Delete(weights);
        }
    }

    private static string Setting(Peer peer, string type, double tolerance) =>
        string.Join(", ", new[] { tolerance > 0 ? $"{peer.Knob} {tolerance:g}" : null, peer.Types.Count > 1 ? type : null }.OfType<string>());
}
