using System.Runtime.ExceptionServices;
using OnnxTransfer.Datasets;
using OnnxTransfer.Imaging;

namespace OnnxTransfer.Engine;

/// <summary>What became of the rows of a block.</summary>
/// <param name="Count">Rows that are done, from the first: all, or fewer after a cancellation.</param>
/// <param name="Reasons">For each row why its image cannot be used; null where it can.</param>
/// <param name="Computed">For each row whether its codes were computed, and not found in the store.</param>
internal sealed record FilledRows(int Count, string?[] Reasons, bool[] Computed);

/// <summary>
/// The workers of an extraction. Each takes the next images of the block, reads, hashes, decodes and preprocesses them,
/// runs the shared session and writes the codes to their rows: no queue, no hand-over, nothing waits for anything.
/// </summary>
internal sealed class Workers : IDisposable
{
    private readonly Lazy<CodeNetwork> network;
    private readonly Preprocessor preprocessor;
    private readonly ExtractionOptions options;
    private readonly DecodeOptions decoding;
    private readonly StoreWriter store;
    private readonly Tally tally;
    private readonly CodeNetwork.Lane?[] lanes;

    /// <summary>Makes the workers; their buffers follow when they are needed.</summary>
    public Workers(Lazy<CodeNetwork> network, Recipe recipe, ExtractionOptions options, StoreWriter store, Tally tally)
    {
        (this.network, this.options, this.store, this.tally) = (network, options, store, tally);
        preprocessor = new Preprocessor(recipe);
        decoding = new DecodeOptions { AllowTruncated = options.AllowTruncated };

        // The runtime counts the processors that the process may use, the limits of a container included.
        lanes = new CodeNetwork.Lane?[options.Workers > 0 ? options.Workers : Environment.ProcessorCount];
    }

    /// <summary>Fills the rows of a block: id, label, split, content and codes.</summary>
    /// <returns>What became of the rows: of all, or after a cancellation of the first ones.</returns>
    /// <exception cref="OnnxTransferException">The failure of a worker; the others have stopped.</exception>
    public FilledRows Fill(BlockRows rows, LabelledImages images, int first, int count, CancellationToken cancellation)
    {
        rows.Begin(count);
        var pass = new Pass(rows, images, first, new string?[count], new bool[count], cancellation);
        var threads = lanes.Select((_, lane) => new Thread(() => Work(pass, lane)) { IsBackground = true, Name = $"extraction {lane}" }).ToArray();
        Array.ForEach(threads, thread => thread.Start());
        Array.ForEach(threads, thread => thread.Join());
        pass.Failure?.Throw();
        return new FilledRows(pass.Done, pass.Reasons, pass.Computed);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (var lane in lanes)
        {
            lane?.Dispose();
        }
    }

    private void Work(Pass pass, int lane)
    {
        try
        {
            // A group of images always has the same slots of a run, whoever takes it and whatever is bad or known in it.
            while (pass.TakeGroup(options.Batch) is { } start)
            {
                var end = Math.Min(start + options.Batch, pass.Rows.Count);
                var fresh = Enumerable.Range(start, end - start).Where(row => !IsDone(pass, lane, row, row - start)).ToArray();
                if (fresh.Length > 0)
                {
                    Infer(pass, lane, start, fresh);
                }
            }
        }
        catch (Exception e)
        {
            pass.Fail(e);
        }
    }

    // Whether nothing is left to run: the image is bad, or its codes were known. Otherwise its slot is filled.
    private bool IsDone(Pass pass, int lane, int row, int slot)
    {
        var image = pass.Images[pass.First + row];
        (pass.Rows.Ids[row], pass.Rows.Labels[row], pass.Rows.Splits[row]) = (image.Id, image.Label, image.Split);
        if (Attempt(pass, row, image.Content.Read) is not { } bytes)
        {
            return true;
        }

        pass.Rows.Contents[row] = ContentHash.Of(bytes);
        if (store.TryReuse(pass.Rows.Contents[row], pass.Rows, row))
        {
            tally.Count(wasReused: true);
            return true;
        }

        // The network is made at the first image that needs it; its failures are not the image's.
        var buffers = Lane(lane);
        var filled = Attempt(pass, row, () =>
        {
            preprocessor.Fill(image.Content.Decode(bytes, options.Decoder, decoding), buffers.Image(slot));
            return buffers;
        });
        return filled is null;
    }

    // What reads an image may fail for the image: it is left out, also where the file must not be read.
    private T? Attempt<T>(Pass pass, int row, Func<T> read)
        where T : class
    {
        try
        {
            return read();
        }
        catch (OnnxTransferException e) when (e.Kind is FailureKind.Data or FailureKind.Machine)
        {
            pass.Reasons[row] = e.Message;
            tally.CountBad(e.Message);
            return null;
        }
    }

    private void Infer(Pass pass, int lane, int start, int[] fresh)
    {
        var buffers = Lane(lane);
        for (var slot = 0; slot < options.Batch; slot++)
        {
            if (!fresh.Contains(start + slot))
            {
                buffers.Image(slot).Clear();
            }
        }

        buffers.Run();
        foreach (var row in fresh)
        {
            for (var column = 0; column < pass.Rows.Columns.Count; column++)
            {
                var code = buffers.Code(column, row - start);
                foreach (var value in code)
                {
                    if (!float.IsFinite(value))
                    {
                        throw new OnnxTransferException(
                            FailureKind.Mathematics,
                            $"The code of {pass.Rows.Ids[row]} at {pass.Rows.Columns[column].Key} is not finite; check that the recipe is the model's, or tap an earlier tensor.");
                    }
                }

                code.CopyTo(pass.Rows.Code(column, row));
            }

            pass.Computed[row] = true;
            tally.Count(wasReused: false);
        }
    }

    private CodeNetwork.Lane Lane(int index) => lanes[index] ??= network.Value.NewLane();

    /// <summary>One block's work, shared by the workers.</summary>
    private sealed record Pass(BlockRows Rows, LabelledImages Images, int First, string?[] Reasons, bool[] Computed, CancellationToken Cancellation)
    {
        private long next;
        private ExceptionDispatchInfo? failure;

        public ExceptionDispatchInfo? Failure => failure;

        /// <summary>Rows of the groups that were taken: once the workers have ended without a failure, all of them are done.</summary>
        public int Done => (int)Math.Min(Volatile.Read(ref next), Rows.Count);

        /// <summary>The first row of the next group of images, or null where nothing is left or the work is to stop.</summary>
        public int? TakeGroup(int size)
        {
            if (Volatile.Read(ref failure) is not null || Cancellation.IsCancellationRequested)
            {
                return null;
            }

            var start = Interlocked.Add(ref next, size) - size;
            return start < Rows.Count ? (int)start : null;
        }

        public void Fail(Exception e) => Interlocked.CompareExchange(ref failure, ExceptionDispatchInfo.Capture(e), null);
    }
}
