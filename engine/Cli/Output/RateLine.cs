using System.Globalization;
using OnnxTransfer.FineTuning;

namespace OnnxTransfer.Cli.Output;

/// <summary>A search for the learning rate in two lines: what it found, and the loss along the rates.</summary>
internal static class RateLine
{
    private const int MostBars = 50;
    private const string Bars = "▁▂▃▄▅▆▇█";

    public static void Print(Report report, RateRange search)
    {
        report.Line(string.Create(
            CultureInfo.InvariantCulture,
            $"Learning rate: {search.Suggested:G2}, searched for (the loss falls fastest at {search.Steepest:G2} and is lowest at {10 * search.TenthOfLowest:G2})"));
        report.Line(string.Create(CultureInfo.InvariantCulture, $"Loss from rate {search.Curve[0].Rate:G2} {Sparkline(search.Curve)} to {search.Curve[^1].Rate:G2}"));
    }

    /// <summary>A bar for each of at most fifty rates, as high as the logarithm of the smoothed loss there.</summary>
    internal static string Sparkline(IReadOnlyList<RatePoint> curve)
    {
        var count = Math.Min(MostBars, curve.Count);
        double[] heights = [.. Enumerable.Range(0, count).Select(bar => Math.Log(Math.Max(1e-9, curve[(int)((long)bar * curve.Count / count)].Smoothed)))];
        var (low, high) = (heights.Min(), heights.Max());
        return string.Concat(heights.Select(height => Bars[high > low ? (int)Math.Round((Bars.Length - 1) * (height - low) / (high - low)) : 0]));
    }
}
