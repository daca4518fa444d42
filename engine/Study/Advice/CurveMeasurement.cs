using OnnxTransfer.Heads;

namespace OnnxTransfer.Study;

/// <summary>The learning curve of one layer: the accuracy of heads that learned from growing shares of the images.</summary>
internal static class CurveMeasurement
{
    private static readonly double[] Shares = [0.1, 0.2, 0.35, 0.5, 0.75, 1];

    /// <summary>
    /// The points, one for each number of images. C is the one that all images chose, for every share: with a choice of C on each
    /// share the curve costs fifty times as much. A share that comes out as large as a smaller one is left out.
    /// </summary>
    /// <param name="codes">N x D.</param>
    /// <param name="labels">N labels.</param>
    /// <param name="head">How heads are trained, C given.</param>
    /// <param name="progress">Hears how many shares are done.</param>
    /// <param name="cancellation">Stops within a training.</param>
    public static IReadOnlyList<LearningCurvePoint> Of(
        CodeMatrix codes, IReadOnlyList<string> labels, HeadOptions head, IProgress<StudyProgress>? progress, CancellationToken cancellation)
    {
        string[] classes = [.. labels.Distinct().Order(StringComparer.Ordinal)];
        var index = classes.Select(static (label, k) => (label, k)).ToDictionary(static of => of.label, static of => of.k, StringComparer.Ordinal);
        int[] truth = [.. labels.Select(label => index[label])];
        var points = new List<LearningCurvePoint>();
        foreach (var share in Shares)
        {
            progress?.Report(new StudyProgress("Learning curve", points.Count, Shares.Length));
            var point = LearningCurve.Of(codes, truth, classes, [share], head, cancellation).Points[0];
            if (points.Count == 0 || point.Images > points[^1].Images)
            {
                points.Add(point);
            }
        }

        return points;
    }
}
