using System.Globalization;
using System.Text;

namespace OnnxTransfer.Bench.Heads;

/// <summary>The report a person reads.</summary>
internal static class Tables
{
    /// <summary>Markdown.</summary>
    public static string Of(Measurements measurements, About about, BenchOptions options)
    {
        var text = new StringBuilder();
        text.AppendLine("# Linear heads beside their peers").AppendLine();
        text.AppendLine($"{about.Processor}, {about.Processors} processors; {string.Join(", ", about.Versions.Select(static of => $"{of.Key} {of.Value}"))}; commit {about.Commit}, {about.Date}; `make bench-heads BENCH=\"{about.Arguments}\"`. {string.Join("; ", about.Sizes)}.");
        foreach (var note in about.Notes)
        {
            text.Append(note).Append(' ');
        }

        text.AppendLine().AppendLine();
        text.AppendLine(
            $"""
            Seconds of a fit alone, codes in memory: the fastest of up to {Repeats.Most} where a fit takes less than {Repeats.Seconds:g} s, over {options.Limit:g} s not waited for. Ours
            is asked for the gap and proves it, after a small solve that compiles the code. A peer cannot be asked: it is fitted at
            ever tighter tolerances, and the fastest fit that reached the gap counts, so it is given the tolerance for free. The gap is
            (f − d) / d: f the exact objective at the weights in float64, the same code for all; d the largest dual value that our
            certificates prove for the task, that of a solve to 1e-8 among them. Ratio is the peer's seconds by ours. LIBLINEAR
            penalises the intercept, and so do we beside it. Newton-cg and ridge get float32 codes and, where these reach no smaller
            gap, float64 ones.

            A row is measured again with filters: `make bench-heads BENCH="--problems S --heads softmax --c 1 --gaps 1e-3 --peers newton-cg"`.
            `heads.json` has every fit.

            ![seconds against gap](heads.svg)
            """);
        if (measurements.Series.Count > 0)
        {
            Solves(text, measurements, options);
        }

        if (measurements.Choices.Count > 0)
        {
            Choices(text, measurements);
        }

        return text.ToString();
    }

    /// <summary>Seconds to three digits.</summary>
    public static string Seconds(double seconds) => seconds >= 100 ? $"{seconds:f0}" : $"{seconds:g3}";

    /// <summary>A gap to two digits.</summary>
    public static string Short(double gap) => gap == 0 ? "0" : gap is >= 0.1 and < 100 ? $"{gap:g2}" : gap.ToString("0.#e-0", CultureInfo.InvariantCulture);

    private static void Solves(StringBuilder text, Measurements measurements, BenchOptions options)
    {
        text.AppendLine().AppendLine("## Solving at one C").AppendLine();
        text.AppendLine("| problem | head | intercept | C | gap | ours, s | ours, gap | peer | threads | setting | peer, s | peer, gap | ratio |");
        text.AppendLine("|---|---|---|---|---|---|---|---|---|---|---|---|---|");
        foreach (var of in measurements.Series.GroupBy(static series => series.Task))
        {
            var (task, bound, ours) = (of.Key, measurements.Optima[of.Key].Dual, of.Single(static series => series.Solver == Ours.Name));
            foreach (var gap in options.Gaps)
            {
                var our = ours.Fastest(gap, bound);
                var start = $"| {task.Problem} | {task.Head} | {task.Intercept} | {task.C:g} | {Short(gap)} | "
                    + (our is null ? $"{Failed(ours, options)} | {Best(ours, bound)} | " : $"{Seconds(our.Seconds)} | {Short(Series.Gap(our.Objective, bound))} | ");
                foreach (var peer in of.Where(series => series != ours).DefaultIfEmpty())
                {
                    text.AppendLine(start + (peer is null ? "– | | | | | |" : Beside(our, ours.OverLimit, peer, gap, bound, options)));
                }
            }
        }

        // The largest dual value stands in for the optimum, and where it lies lower, every gap is overestimated by as much.
        foreach (var (task, optimum) in measurements.Optima)
        {
            var known = Series.Gap(optimum.Objective, optimum.Dual);
            if (double.IsFinite(known) && known > options.Gaps[^1] / 10)
            {
                text.AppendLine().AppendLine($"{task}: the optimum is known to {Short(known)} only, and the gaps of all may be smaller by that.");
            }
        }
    }

    /// <summary>The peer's half of a row.</summary>
    private static string Beside(Point? our, bool overLimit, Series peer, double gap, double bound, BenchOptions options)
    {
        var name = $"{peer.Solver} | {peer.Threads} | ";
        if (peer.Fastest(gap, bound) is { } point)
        {
            var ratio = our is not null ? Ratio(point.Seconds / our.Seconds) : overLimit ? "< " + Ratio(point.Seconds / options.Limit) : "–";
            return $"{name}{point.Setting} | {Seconds(point.Seconds)} | {Short(Series.Gap(point.Objective, bound))} | {ratio} |";
        }

        return $"{name}{peer.End} | {Failed(peer, options)} | {Best(peer, bound)} | {(our is null || !peer.OverLimit ? "–" : "> " + Ratio(options.Limit / our.Seconds))} |";
    }

    private static string Failed(Series series, BenchOptions options) => series.OverLimit ? $"> {options.Limit:g}" : "not reached";

    /// <summary>The smallest gap of a series and what it took.</summary>
    private static string Best(Series series, double bound) => series.Points.MinBy(static point => point.Objective) is { } best
        ? $"{Short(Series.Gap(best.Objective, bound))} after {Seconds(best.Seconds)} s"
        : "none";

    private static void Choices(StringBuilder text, Measurements measurements)
    {
        text.AppendLine().AppendLine("## Choosing C").AppendLine();
        text.AppendLine("Softmax, stratified cross-validation and the final fit at the C it chose. Ours decides how many C it tries, and the peer tries the same ones, each fold from its last optimum; the folds are each one's own.").AppendLine();
        text.AppendLine("| problem | who | setting | folds | C tried | seconds | chosen C | accuracy in cross-validation | ratio |").AppendLine("|---|---|---|---|---|---|---|---|---|");
        foreach (var of in measurements.Choices.GroupBy(static choice => choice.Problem))
        {
            var ours = of.First();
            foreach (var choice in of)
            {
                var start = $"| {choice.Problem} | {choice.Solver} | {choice.Setting} | {choice.Folds} | {choice.Candidates} | ";
                text.AppendLine(start + (choice.Seconds is { } seconds
                    ? $"{Seconds(seconds)} | {choice.C:g3} | {100 * choice.Accuracy:f1} % | {(choice == ours ? string.Empty : Ratio(seconds / ours.Seconds!.Value))} |"
                    : $"{choice.End} | | | |"));
            }
        }
    }

    private static string Ratio(double ratio) => ratio >= 100 ? $"{ratio:f0}" : $"{ratio:g2}";
}
