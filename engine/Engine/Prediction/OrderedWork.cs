namespace OnnxTransfer.Engine;

/// <summary>The same work on every item of a sequence, on all cores, with the results in the order of the items.</summary>
internal static class OrderedWork
{
    private const int AheadPerWorker = 4;

    /// <summary>
    /// Runs <paramref name="work"/> on items beside each other. The sequence is read only a few items per core ahead of
    /// the consumer, so memory does not grow with it. Where the consumer stops early, what has been begun is waited for.
    /// </summary>
    public static IEnumerable<TResult> Run<TItem, TResult>(IEnumerable<TItem> items, Func<TItem, TResult> work, CancellationToken cancellation)
    {
        var workers = Environment.ProcessorCount;
        var scheduler = new ConcurrentExclusiveSchedulerPair(TaskScheduler.Default, workers).ConcurrentScheduler;
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        var begun = new Queue<Task<TResult>>();
        try
        {
            foreach (var item in items)
            {
                begun.Enqueue(Task.Factory.StartNew(() => work(item), stop.Token, TaskCreationOptions.None, scheduler));
                if (begun.Count == workers * AheadPerWorker)
                {
                    yield return Result(begun.Dequeue(), cancellation);
                }
            }

            while (begun.TryDequeue(out var next))
            {
                yield return Result(next, cancellation);
            }
        }
        finally
        {
            stop.Cancel();
            Task.WhenAll(begun).ContinueWith(static _ => { }, CancellationToken.None, TaskContinuationOptions.None, TaskScheduler.Default).Wait(CancellationToken.None);
        }
    }

    private static TResult Result<TResult>(Task<TResult> task, CancellationToken cancellation)
    {
        cancellation.ThrowIfCancellationRequested();
        return task.GetAwaiter().GetResult();
    }
}
