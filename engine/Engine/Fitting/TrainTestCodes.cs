using OnnxTransfer.Datasets;
using OnnxTransfer.Heads;

namespace OnnxTransfer.Engine;

/// <summary>The codes of a set that is split into a part to learn from and a part to test with, extracted in one pass.</summary>
public sealed class TrainTestCodes : IDisposable
{
    private TrainTestCodes(string source, Codes codes, TrainTest split) =>
        (Source, Codes, Split, Train, Test) = (source, codes, split, Rows(codes, split.Train), Rows(codes, split.Test));

    /// <summary>Where the photos come from: <see cref="LabelledImages.Source"/>.</summary>
    public string Source { get; }

    /// <summary>All codes.</summary>
    public Codes Codes { get; }

    /// <summary>The parts.</summary>
    public TrainTest Split { get; }

    /// <summary>The rows of <see cref="Codes"/> to learn from.</summary>
    public IReadOnlyList<int> Train { get; }

    /// <summary>The rows to test with.</summary>
    public IReadOnlyList<int> Test { get; }

    /// <summary>Whether every class has a single image to learn from, which leaves none to cross-validate with.</summary>
    public bool HasSingles => Train.Count == Split.Train.Classes.Count;

    /// <summary>Extracts codes of both parts. Only a store that is kept holds what stands beside them, too.</summary>
    /// <param name="backbone">The pretrained network.</param>
    /// <param name="images">The labelled photos.</param>
    /// <param name="split">Their parts.</param>
    /// <param name="taps">What is tapped.</param>
    /// <param name="store">The store's folder; null: a temporary one.</param>
    /// <param name="options">How codes are extracted.</param>
    /// <param name="progress">Hears how far it is.</param>
    /// <param name="cancellation">Stops between images.</param>
    /// <exception cref="OnnxTransferException">
    /// As for <see cref="Backbone.Extract(LabelledImages, IReadOnlyList{Tap}, string?, ExtractionOptions?, IProgress{ExtractionProgress}?, CancellationToken)"/>;
    /// Data: a class has no training image that can be read.
    /// </exception>
    public static TrainTestCodes Extract(
        Backbone backbone, LabelledImages images, TrainTest split, IReadOnlyList<Tap> taps, string? store, ExtractionOptions options,
        IProgress<ExtractionProgress>? progress, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(backbone);
        ArgumentNullException.ThrowIfNull(images);
        ArgumentNullException.ThrowIfNull(split);
        var used = split.Train.Concat(split.Test).Select(image => image.Id).ToHashSet(StringComparer.Ordinal);
        var wanted = store is null ? images.Where(image => used.Contains(image.Id)) : images;
        var codes = new TrainTestCodes(images.Source, backbone.Extract(wanted, taps, store, options, progress, cancellation), split);
        try
        {
            codes.RequireEveryClass();
            return codes;
        }
        catch
        {
            codes.Dispose();
            throw;
        }
    }

    /// <summary>The codes at a tap, or at several joined, for some rows, with their labels.</summary>
    /// <exception cref="OnnxTransferException">As for <see cref="Codes.Read(IReadOnlyList{CodeColumn}, IReadOnlyList{int}?)"/>.</exception>
    public (CodeMatrix Matrix, string[] Labels) Read(JoinedTaps taps, IReadOnlyList<int> rows)
    {
        ArgumentNullException.ThrowIfNull(taps);
        ArgumentNullException.ThrowIfNull(rows);
        return (Codes.Read([.. taps.Taps.Select(Codes.Column)], rows), [.. rows.Select(row => Codes.Labels[row])]);
    }

    /// <summary>The codes of a column for some rows, with their labels.</summary>
    /// <exception cref="OnnxTransferException">As for <see cref="Codes.Read(CodeColumn, IReadOnlyList{int}?)"/>.</exception>
    public (CodeMatrix Matrix, string[] Labels) Read(CodeColumn column, IReadOnlyList<int> rows)
    {
        ArgumentNullException.ThrowIfNull(rows);
        return (Codes.Read(column, rows), [.. rows.Select(row => Codes.Labels[row])]);
    }

    /// <summary>Refuses codes from which nothing can be learned, as those of all images are the same.</summary>
    /// <param name="matrix">The codes, at least one.</param>
    /// <param name="key">Where they were read.</param>
    /// <exception cref="OnnxTransferException"><see cref="FailureKind.Data"/>: they are the same.</exception>
    public static void RequireDifference(CodeMatrix matrix, string key)
    {
        ArgumentNullException.ThrowIfNull(matrix);
        var first = matrix.Row(0);
        for (var row = 1; row < matrix.Rows; row++)
        {
            if (!matrix.Row(row).SequenceEqual(first))
            {
                return;
            }
        }

        throw new OnnxTransferException(
            FailureKind.Data, $"All images have the same codes at {key}, so nothing can be learned there; check the images and the recipe, or tap other layers.");
    }

    /// <inheritdoc/>
    public void Dispose() => Codes.Dispose();

    private static int[] Rows(Codes codes, LabelledImages part)
    {
        var ids = part.Select(image => image.Id).ToHashSet(StringComparer.Ordinal);
        return [.. Enumerable.Range(0, codes.Ids.Count).Where(row => ids.Contains(codes.Ids[row]))];
    }

    private void RequireEveryClass()
    {
        if (Split.Train.Classes.Except(Train.Select(row => Codes.Labels[row])).FirstOrDefault() is { } lost)
        {
            throw new OnnxTransferException(
                FailureKind.Data, $"None of the training images of the class '{lost}' in {Source} can be read; replace them or remove the class.");
        }
    }
}
