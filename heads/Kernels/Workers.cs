using System.Runtime.ExceptionServices;

namespace OnnxTransfer.Heads;

/// <summary>Runs numbered pieces of work on some threads; which thread takes which piece may not matter to the result.</summary>
internal static class Workers
{
    /// <summary>The threads meant by <see cref="HeadOptions.Threads"/>.</summary>
    public static int Count(int wanted) => wanted > 0 ? wanted : Environment.ProcessorCount;

    /// <summary>
    /// Calls <paramref name="work"/>(piece, worker) for every piece; worker is below the number of threads. What a piece
    /// throws is thrown as it is (of several, one).
    /// </summary>
    public static void For(int pieces, int threads, Action<int, int> work)
    {
        threads = Math.Min(threads, pieces);
        if (threads <= 1)
        {
            for (var piece = 0; piece < pieces; piece++)
            {
                work(piece, 0);
            }

            return;
        }

        var next = -1;
        try
        {
            Parallel.For(0, threads, new ParallelOptions { MaxDegreeOfParallelism = threads }, worker =>
            {
                for (var piece = Interlocked.Increment(ref next); piece < pieces; piece = Interlocked.Increment(ref next))
                {
                    work(piece, worker);
                }
            });
        }
        catch (AggregateException e)
        {
            ExceptionDispatchInfo.Throw(e.InnerExceptions[0]);
        }
    }
}
