using System.Runtime.ExceptionServices;
using OnnxTransfer.Heads;

namespace OnnxTransfer.Study;

/// <summary>Heads that know nothing of each other are trained side by side, each on few threads: a single one keeps many threads waiting.</summary>
internal static class SideBySide
{
    // Copies of the codes that a training holds, and numbers for each of its scores.
    private const int Copies = 3, NumbersPerScore = 8;

    // What is left of the memory is for the trainings' own checks, and for others.
    private const double ShareOfMemory = 0.25;

    /// <summary>Calls <paramref name="train"/> for every code length, long ones first, as they take longest, and returns what came of them in order.</summary>
    /// <param name="widths">The lengths of the codes that heads are trained on.</param>
    /// <param name="images">N.</param>
    /// <param name="classes">K.</param>
    /// <param name="options">How heads are trained; its threads are shared out.</param>
    /// <param name="train">Gets the index of a length, and the options with its share of the threads.</param>
    /// <exception cref="OnnxTransferException">What a training throws; of several, that of the longest codes.</exception>
    public static T[] Train<T>(IReadOnlyList<int> widths, int images, int classes, HeadOptions options, Func<int, HeadOptions, T> train)
    {
        if (widths.Count == 0)
        {
            return [];
        }

        int[] order = [.. Enumerable.Range(0, widths.Count).OrderByDescending(i => widths[i])];
        var threads = options.Threads > 0 ? options.Threads : Environment.ProcessorCount;
        var lanes = Math.Min(Math.Min(threads, order.Length), MostLanes(widths.Max(), images, classes));
        var (results, failures) = (new T[order.Length], new ExceptionDispatchInfo?[order.Length]);
        var (shared, next, failed) = (options with { Threads = threads / lanes }, -1, false);
        Parallel.For(0, lanes, new ParallelOptions { MaxDegreeOfParallelism = lanes }, _ =>
        {
            for (var piece = Interlocked.Increment(ref next); piece < order.Length && !Volatile.Read(ref failed); piece = Interlocked.Increment(ref next))
            {
                try
                {
                    results[order[piece]] = train(order[piece], shared);
                }
                catch (Exception e)
                {
                    failures[piece] = ExceptionDispatchInfo.Capture(e);
                    Volatile.Write(ref failed, true);
                }
            }
        });
        Array.Find(failures, static failure => failure is not null)?.Throw();
        return results;
    }

    private static int MostLanes(int width, int images, int classes)
    {
        var bytes = (double)sizeof(float) * images * (((double)Copies * width) + ((double)NumbersPerScore * classes));
        return (int)Math.Clamp(ShareOfMemory * GC.GetGCMemoryInfo().TotalAvailableMemoryBytes / bytes, 1, int.MaxValue);
    }
}
