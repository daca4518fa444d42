using OnnxTransfer.Heads;

namespace OnnxTransfer.Study;

/// <summary>The learning curve of the recommended layer.</summary>
internal static class CurveSection
{
    // A rise of the accuracy that is not worth more images.
    private const double Little = 0.02;

    public static void Write(HtmlWriter html, ReportContent content)
    {
        if (content.Curve is not { Points: { Count: > 1 } points })
        {
            html.Element("p", "A class has fewer than ten images to learn from, too few to tell what more of them are worth.");
            return;
        }

        using var figure = html.Tag("figure", ("class", "chart single"));
        var (first, last) = (points[0], points[^1]);
        html.Element(
            "figcaption",
            $"Heads on the recommended layer that learned from growing shares of the images, with the same C, judged on images they had not seen: "
            + $"{Wording.Percent(first.Estimate.Evaluation.Accuracy)} from {Wording.Images((int)first.Images)}, {Wording.Percent(last.Estimate.Evaluation.Accuracy)} from {Wording.Images((int)last.Images)}. "
            + Outlook(points));
        new Plot
        {
            Label = "Accuracy against the number of images learned from",
            XTitle = "images learned from",
            YTitle = "accuracy on images not seen, %",
            X = Axis.Of(points.Select(static point => point.Images).Append(0), 0, double.MaxValue),
            Y = Axis.Of(points.SelectMany(static point => new[] { point.Estimate.Evaluation.AccuracyInterval.Low, point.Estimate.Evaluation.AccuracyInterval.High }), 0, 1),
            Series =
            [
                new PlotSeries(
                    string.Empty, Shapes.Colour(0), Shapes.Path(0),
                    [
                        .. points.Select(static point => new PlotPoint(
                            point.Images, point.Estimate.Evaluation.Accuracy, point.Estimate.Evaluation.AccuracyInterval.Low, point.Estimate.Evaluation.AccuracyInterval.High,
                            $"{Wording.Images((int)point.Images)}\n{Wording.Percent(point.Estimate.Evaluation.Accuracy)} ({Wording.Percents(point.Estimate.Evaluation.AccuracyInterval)})")),
                    ],
                    IsJoined: true, IsHidden: false),
            ],
        }.Write(html);
    }

    /// <summary>
    /// What the last stretch of the curve says: the 95 % interval of its rise, from those of both accuracies as if they were of
    /// different images, lies above 0, below 0, close to 0 or is too wide to say.
    /// </summary>
    internal static string Outlook(IReadOnlyList<LearningCurvePoint> points)
    {
        var (before, last) = (points[^2].Estimate.Evaluation, points[^1].Estimate.Evaluation);
        var rise = last.Accuracy - before.Accuracy;
        var half = double.Hypot(HalfOf(before.AccuracyInterval), HalfOf(last.AccuracyInterval));
        return last.Accuracy >= 1 ? "Every image is told right already: on images like these nothing is left to gain."
            : rise > half ? "The curve still rises at its end: more images would help."
            : rise < -half ? "The curve falls at its end, so it tells nothing of what more images would bring."
            : rise + half < Little ? "At its end the curve is flat: more images of the same kind would help little."
            : "Whether the curve still rises at its end is not known: its last step is within what chance makes of so few images.";
    }

    private static double HalfOf(Interval interval) => (interval.High - interval.Low) / 2;
}
