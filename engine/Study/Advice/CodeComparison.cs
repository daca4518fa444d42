using OnnxTransfer.Datasets;
using OnnxTransfer.Engine;

namespace OnnxTransfer.Study;

/// <summary>The codes of a set's photos beside a reference's, both of photos as <see cref="ReducedPhotos"/> makes them.</summary>
/// <param name="Reference">The reference.</param>
/// <param name="Images">The photos that were compared with it.</param>
/// <param name="Distances">In the order of the network; layers that the reference lacks, or has with codes of another length, are left out.</param>
internal sealed record CodeComparison(Reference Reference, int Images, IReadOnlyList<CodeDistance> Distances)
{
    /// <summary>Extracts the codes of reduced photos at some taps and compares them.</summary>
    public static CodeComparison Of(
        Backbone backbone, IReadOnlyList<Tap> taps, LabelledImages reduced, Reference reference, ExtractionOptions options, IProgress<StudyProgress>? progress, CancellationToken cancellation)
    {
        using var codes = backbone.Extract(reduced, taps, store: null, options, StudyProgress.OfExtraction(progress, "Comparing codes"), cancellation);
        var distances = new List<CodeDistance>();
        foreach (var column in codes.Columns)
        {
            var known = reference.Layers.FirstOrDefault(layer => (layer.Tap, layer.Pooling) == (column.Tap, column.Pooling));
            if (known is not null && SampledStatistics.Of(column, codes.Read(column), codes.Labels) is { } photos && CodeDistance.Of(photos, known, reference.Images) is { } distance)
            {
                distances.Add(distance);
            }
        }

        return new CodeComparison(reference, codes.Ids.Count, distances);
    }

    /// <summary>How far apart they are at some layers; null where none of them was compared.</summary>
    public CodeShift? ShiftOf(IReadOnlyList<LayerScore> layers)
    {
        var names = layers.Select(static score => score.Tap.Point.Name).ToHashSet(StringComparer.Ordinal);
        return CodeShift.Of([.. Distances.Where(distance => names.Contains(distance.Tap))], Images);
    }
}
