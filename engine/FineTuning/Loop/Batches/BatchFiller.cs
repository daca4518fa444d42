using OnnxTransfer.Imaging;

namespace OnnxTransfer.FineTuning;

/// <summary>A batch that was read.</summary>
/// <param name="Plan">Its epoch, number and places.</param>
/// <param name="Ids">The ids of its images, for messages.</param>
/// <param name="Data">Tensors and targets.</param>
internal sealed record ReadBatch(PlannedBatch Plan, IReadOnlyList<string> Ids, TrainingBatch Data);

/// <summary>Makes batches of a set's images; each part is a function of the plan alone, and safe to call from several threads.</summary>
internal sealed class BatchFiller
{
    private readonly DecodedImages images;
    private readonly int[] labels;
    private readonly int classes;
    private readonly Recipe recipe;
    private readonly AugmentationOptions options;
    private readonly Augmentation augmentation;
    private readonly long seed;

    /// <summary>Prepares the filling of batches.</summary>
    /// <param name="images">The images, all with a label.</param>
    /// <param name="classes">The classes of the head in their order.</param>
    /// <param name="recipe">The network's recipe.</param>
    /// <param name="options">How images are changed; none of it for evaluation.</param>
    /// <param name="seed">The seed of the changes.</param>
    /// <exception cref="OnnxTransferException"><see cref="FailureKind.Data"/>: an image's label is none of the classes.</exception>
    public BatchFiller(DecodedImages images, IReadOnlyList<string> classes, Recipe recipe, AugmentationOptions options, long seed)
    {
        (this.images, this.classes, this.recipe, this.options, this.seed) = (images, classes.Count, recipe, options, seed);
        augmentation = new Augmentation(options, recipe, seed);
        var indices = classes.Index().ToDictionary(static name => name.Item, static name => name.Index, StringComparer.Ordinal);
        labels = [.. images.Images.Select(image => image.Label is { } label && indices.TryGetValue(label, out var index)
            ? index
            : throw new OnnxTransferException(
                FailureKind.Data, $"The image {image.Id} has the label '{image.Label}', which is none of the head's classes; correct it or leave the image out."))];
    }

    /// <summary>A batch without its images; the targets are 1 at each image's class.</summary>
    public ReadBatch Begin(PlannedBatch plan)
    {
        ArgumentNullException.ThrowIfNull(plan);
        var count = plan.Places.Count;
        var targets = new float[count * classes];
        for (var slot = 0; slot < count; slot++)
        {
            targets[(slot * classes) + labels[plan.Places[slot]]] = 1;
        }

        var tensor = GC.AllocateUninitializedArray<float>(count * augmentation.Length);
        return new ReadBatch(plan, [.. plan.Places.Select(place => images.Images[place].Id)], new TrainingBatch(count, [tensor], targets));
    }

    /// <summary>Reads, decodes, changes and writes the image of one slot.</summary>
    /// <exception cref="OnnxTransferException"><see cref="FailureKind.Data"/> or <see cref="FailureKind.Machine"/>: the file has changed.</exception>
    public void Fill(ReadBatch batch, int slot)
    {
        ArgumentNullException.ThrowIfNull(batch);
        var place = batch.Plan.Places[slot];
        var tensor = batch.Data.Inputs[0].AsSpan(slot * augmentation.Length, augmentation.Length);
        augmentation.Fill(images[place], batch.Plan.Epoch, place, tensor);
    }

    /// <summary>Mixes the images of a batch once all are there.</summary>
    public void Finish(ReadBatch batch)
    {
        ArgumentNullException.ThrowIfNull(batch);
        BatchMixing.Apply(
            batch.Data, options, recipe, new RandomDraws(seed, batch.Plan.Epoch, batch.Plan.Index, RandomPurpose.Mix));
    }
}
