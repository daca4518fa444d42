using System.Runtime.ExceptionServices;

namespace OnnxTransfer.FineTuning;

/// <summary>
/// Reads batches ahead of the training step. Workers take image after image in the order of the plan, of a few batches at
/// a time; batches are given out in that order, with the same bits for any number of workers.
/// </summary>
internal sealed class BatchReader : IDisposable
{
    private readonly object gate = new();
    private readonly BatchFiller filler;
    private readonly IEnumerator<PlannedBatch> plan;
    private readonly int ahead;
    private readonly CancellationToken cancellation;
    private readonly CancellationTokenRegistration registration;
    private readonly Thread[] threads;

    // The batches that are being read or wait to be given out, in order; all below are guarded by the gate.
    private readonly Queue<OpenBatch> open = new();
    private OpenBatch? taking;
    private bool isPlanned;
    private bool isStopped;
    private ExceptionDispatchInfo? failure;

    /// <summary>Starts to read.</summary>
    /// <param name="filler">Fills batches.</param>
    /// <param name="plan">The batches in their order; enumerated as they are needed.</param>
    /// <param name="options">Workers and how far ahead.</param>
    /// <param name="cancellation">Ends the reading.</param>
    public BatchReader(BatchFiller filler, IEnumerable<PlannedBatch> plan, ReadingOptions options, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(plan);
        ArgumentNullException.ThrowIfNull(options);
        ArgumentOutOfRangeException.ThrowIfLessThan(options.Ahead, 1, nameof(options));
        (this.filler, this.plan, this.cancellation, ahead) = (filler, plan.GetEnumerator(), cancellation, options.Ahead);
        registration = cancellation.Register(Stop);
        threads = [.. Enumerable.Range(0, options.Threads).Select(i => new Thread(Work) { IsBackground = true, Name = $"reading {i}" })];
        Array.ForEach(threads, static thread => thread.Start());
    }

    /// <summary>Whether a worker still runs.</summary>
    public bool IsWorking => Array.Exists(threads, static thread => thread.IsAlive);

    /// <summary>The next batch, or null after the last; waits until it is read.</summary>
    /// <exception cref="OnnxTransferException">An image that could be read before no longer can.</exception>
    /// <exception cref="OperationCanceledException">It was cancelled.</exception>
    public ReadBatch? Next()
    {
        lock (gate)
        {
            while (true)
            {
                cancellation.ThrowIfCancellationRequested();
                ObjectDisposedException.ThrowIf(isStopped, this);
                failure?.Throw();
                if (open.TryPeek(out var first) && first.IsFinished)
                {
                    open.Dequeue();
                    Monitor.PulseAll(gate);
                    return first.Batch;
                }

                if (isPlanned && open.Count == 0)
                {
                    return null;
                }

                Monitor.Wait(gate);
            }
        }
    }

    /// <summary>Ends the workers; each finishes the image that it has.</summary>
    public void Dispose()
    {
        registration.Dispose();
        Stop();
        Array.ForEach(threads, static thread => thread.Join());
        plan.Dispose();
    }

    private void Stop()
    {
        lock (gate)
        {
            isStopped = true;
            Monitor.PulseAll(gate);
        }
    }

    private void Work()
    {
        try
        {
            while (Take() is var (batch, slot))
            {
                filler.Fill(batch.Batch, slot);
                if (Interlocked.Decrement(ref batch.Missing) == 0)
                {
                    filler.Finish(batch.Batch);
                    lock (gate)
                    {
                        batch.IsFinished = true;
                        Monitor.PulseAll(gate);
                    }
                }
            }
        }
        catch (Exception e)
        {
            lock (gate)
            {
                failure ??= ExceptionDispatchInfo.Capture(e);
                Monitor.PulseAll(gate);
            }
        }
    }

    /// <summary>The next image to fill, or null where nothing is left or the work is to stop.</summary>
    private (OpenBatch Batch, int Slot)? Take()
    {
        lock (gate)
        {
            while (!isStopped && failure is null)
            {
                if (taking is { } batch && batch.Taken < batch.Batch.Data.Count)
                {
                    return (batch, batch.Taken++);
                }

                if (isPlanned)
                {
                    return null;
                }

                if (open.Count >= ahead)
                {
                    Monitor.Wait(gate);
                }
                else if (plan.MoveNext())
                {
                    taking = new OpenBatch(filler.Begin(plan.Current));
                    open.Enqueue(taking);
                }
                else
                {
                    isPlanned = true;
                    Monitor.PulseAll(gate);
                }
            }

            return null;
        }
    }

    private sealed class OpenBatch(ReadBatch batch)
    {
        /// <summary>Images that are not filled yet.</summary>
        public int Missing = batch.Data.Count;

        public ReadBatch Batch { get; } = batch;

        /// <summary>Images that workers took.</summary>
        public int Taken { get; set; }

        /// <summary>Whether it can be given out.</summary>
        public bool IsFinished { get; set; }
    }
}
