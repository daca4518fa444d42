using OnnxTransfer.Engine;

namespace OnnxTransfer.Study;

/// <summary>The layers and poolings that a study compares.</summary>
internal static class StudyTaps
{
    /// <summary>The taps that are named, or the network's ends, or all its points; each with each pooling, in the order of the network.</summary>
    /// <exception cref="OnnxTransferException"><see cref="FailureKind.Model"/>: a name that is no tap, or a network without any.</exception>
    public static IReadOnlyList<Tap> Of(Backbone backbone, LayerStudyOptions options)
    {
        var catalog = backbone.Taps;
        var points = options.Taps is { } names ? [.. names.Select(catalog.Find)] : options.All ? catalog.Points : catalog.Ends;
        if (points.Count == 0)
        {
            throw new OnnxTransferException(
                FailureKind.Model, $"{backbone.Model.Name} has no layer worth comparing; `onnxtransfer taps` lists what can be tapped, --taps names it.");
        }

        return [.. points.DistinctBy(static point => point.Name).SelectMany(point => Poolings(point, options).Select(pooling => new Tap(point, pooling)))];
    }

    /// <summary>A vector is its own mean and maximum.</summary>
    private static IEnumerable<Pooling> Poolings(TapPoint point, LayerStudyOptions options) =>
        point.Stride is null ? [Pooling.Average] : options.Poolings.Distinct();
}
