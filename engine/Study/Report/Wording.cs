using System.Globalization;
using OnnxTransfer.Engine;
using OnnxTransfer.Heads;

namespace OnnxTransfer.Study;

/// <summary>How the report writes numbers and names.</summary>
internal static class Wording
{
    public static string Percent(double share) => double.IsNaN(share) ? "-" : string.Create(CultureInfo.InvariantCulture, $"{100 * share:F1}\u00a0%");

    public static string Percents(Interval interval) => string.Create(CultureInfo.InvariantCulture, $"{100 * interval.Low:F1} to {100 * interval.High:F1}\u00a0%");

    public static string Number(double value, int digits = 1) => value.ToString($"F{digits}", CultureInfo.InvariantCulture);

    /// <summary>A number for a script or a drawing: all that matters of it, in any language the same.</summary>
    public static string Exact(double value) => value.ToString("G6", CultureInfo.InvariantCulture);

    public static string Count(int count) => count.ToString("N0", CultureInfo.InvariantCulture);

    public static string Images(int count) => Number(count, "image", "images");

    /// <summary>"1 pair", "2,000 pairs".</summary>
    public static string Number(int count, string one, string several) => $"{Count(count)} {(count == 1 ? one : several)}";

    /// <summary>"p = 0.012" or "p &lt; 0.001".</summary>
    public static string P(double value) => value < 0.001 ? "p < 0.001" : $"p = {PValue(value)}";

    public static string PValue(double value) => value < 0.001 ? "< 0.001" : value.ToString("F3", CultureInfo.InvariantCulture);

    /// <summary>The alias that most people know the layer by, or its name.</summary>
    public static string Layer(TapPoint point) => point.Aliases is [var alias, ..] ? alias : point.Name;

    /// <summary>A layer as a tooltip tells it: its name, then what is known about it, parted by line feeds.</summary>
    public static string Tooltip(LayerScore score) => string.Join(
        '\n',
        $"{Layer(score.Tap.Point)}, {score.Tap.Pooling.ToText()}, {score.Loss.ToText()}",
        $"{Percent(score.CrossValidated.Accuracy)} ({Percents(score.CrossValidated.Interval)})",
        string.Create(CultureInfo.InvariantCulture, $"{score.Tap.Point.CostPercent:F1} % of the network, {score.Cost.MillisecondsAlone:F1} ms an image"),
        string.Create(CultureInfo.InvariantCulture, $"{score.Tap.Width:N0} numbers, {ShortNumber.Of(score.Bytes / 1e6)} MB"));
}
