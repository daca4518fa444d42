using OnnxTransfer.Engine;

namespace OnnxTransfer.FineTuning;

/// <summary>Batches as the learned part of a network takes them, of a plan of places in a set.</summary>
/// <param name="Ids">The images of the set.</param>
/// <param name="Read">Reads the batches of a plan in its order.</param>
internal sealed record BatchSource(IReadOnlyList<string> Ids, Func<IEnumerable<PlannedBatch>, CancellationToken, IEnumerable<ReadBatch>> Read)
{
    /// <summary>How many there are.</summary>
    public int Count => Ids.Count;

    /// <summary>Batches of images, through the frozen part where there is one.</summary>
    public static BatchSource OfImages(DecodedImages images, BatchFiller filler, ReadingOptions reading, FrozenNetwork? frozen)
    {
        return new BatchSource([.. images.Images.Select(static image => image.Id)], Read);

        IEnumerable<ReadBatch> Read(IEnumerable<PlannedBatch> plan, CancellationToken cancellation)
        {
            using var reader = new BatchReader(filler, plan, reading, cancellation);
            while (reader.Next() is { } batch)
            {
                yield return frozen is null ? batch : batch with { Data = frozen.Of(batch.Data) };
            }
        }
    }

    /// <summary>Batches of what the frozen part made of each image once: its codes, flattened, at the border.</summary>
    /// <param name="codes">The store.</param>
    /// <param name="columns">A column for each tensor of the border.</param>
    /// <param name="rows">The images of the set, as rows of the store.</param>
    /// <param name="classes">The classes of the head in their order.</param>
    public static BatchSource OfCodes(Codes codes, IReadOnlyList<CodeColumn> columns, IReadOnlyList<int> rows, IReadOnlyList<string> classes)
    {
        var indices = classes.Index().ToDictionary(static name => name.Item, static name => name.Index, StringComparer.Ordinal);
        int[] labels = [.. rows.Select(row => indices[codes.Labels[row]])];
        return new BatchSource([.. rows.Select(row => codes.Ids[row])], (plan, cancellation) => plan.Select(batch =>
        {
            cancellation.ThrowIfCancellationRequested();
            int[] taken = [.. batch.Places.Select(place => rows[place])];
            var targets = new float[taken.Length * classes.Count];
            for (var slot = 0; slot < taken.Length; slot++)
            {
                targets[(slot * classes.Count) + labels[batch.Places[slot]]] = 1;
            }

            float[][] inputs = [.. columns.Select(column => codes.Read(column, taken).Values.ToArray())];
            return new ReadBatch(batch, [.. taken.Select(row => codes.Ids[row])], new TrainingBatch(taken.Length, inputs, targets));
        }));
    }
}
