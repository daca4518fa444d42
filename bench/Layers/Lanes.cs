using System.Collections.Concurrent;
using System.Diagnostics;

namespace OnnxTransfer.Bench.Layers;

/// <summary>
/// Parts of the bench in processes of their own, each on two processors: with more than two, several run side by side.
/// </summary>
internal static class Lanes
{
    private const int Processors = 2;

    /// <summary>How many run at a time.</summary>
    public static int Count => Math.Max(1, Environment.ProcessorCount / Processors);

    /// <summary>
    /// Runs the parts in their order until the limit, when all but the first are ended; the first is let end. What they print
    /// is heard line by line; of a part that is ended, the seconds since its last line.
    /// </summary>
    public static void Run(BenchOptions options, IEnumerable<string> parts, Action<string, string> heard, Action<string, double> ended)
    {
        var (queue, clock, first) = (new ConcurrentQueue<string>(parts), Stopwatch.StartNew(), parts.First());
        Thread[] lanes = [.. Enumerable.Range(0, Count).Select(lane => new Thread(() =>
        {
            while (queue.TryDequeue(out var part))
            {
                var left = part == first ? Timeout.InfiniteTimeSpan : TimeSpan.FromSeconds(Math.Max(0, options.Limit - clock.Elapsed.TotalSeconds));
                if (left != TimeSpan.Zero)
                {
                    Run(options, part, lane, left, line => heard(part, line), seconds => ended(part, seconds));
                }
            }
        }))];
        Array.ForEach(lanes, static lane => lane.Start());
        Array.ForEach(lanes, static lane => lane.Join());
    }

    private static void Run(BenchOptions options, string part, int lane, TimeSpan left, Action<string> heard, Action<double> ended)
    {
        string[] command = [Environment.ProcessPath!, .. options.For(part)];
        if (Count > 1)
        {
            command = ["taskset", "-c", $"{lane * Processors}-{(lane * Processors) + Processors - 1}", .. command];
        }

        using var process = Process.Start(new ProcessStartInfo(command[0], command[1..]) { RedirectStandardOutput = true })!;
        var clock = Stopwatch.StartNew();
        process.OutputDataReceived += (_, line) =>
        {
            if (line.Data is { } text)
            {
                clock.Restart();
                heard(text);
            }
        };
        process.BeginOutputReadLine();
        if (!process.WaitForExit(left))
        {
            ended(clock.Elapsed.TotalSeconds);
            process.Kill(entireProcessTree: true);
        }

        process.WaitForExit();
    }
}
