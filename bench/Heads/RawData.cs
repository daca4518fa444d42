using System.Text.Json;
using System.Text.Json.Serialization;

namespace OnnxTransfer.Bench.Heads;

/// <summary>Everything that was measured, for programs.</summary>
internal static class RawData
{
    private static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web)
    {
        WriteIndented = true, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
    };

    /// <summary>One JSON object: about, series (each with its points, and a point with its gap), choices.</summary>
    public static string Of(Measurements measurements, About about) => JsonSerializer.Serialize(
        new
        {
            about,
            series = measurements.Series.Select(series => new
            {
                series.Task.Problem,
                series.Task.Head,
                series.Task.C,
                series.Task.Intercept,
                series.Solver,
                series.Threads,
                series.End,
                dualBound = Finite(measurements.Optima[series.Task].Dual),
                points = series.Points.Select(point => new
                {
                    point.Setting,
                    point.Seconds,
                    point.Fits,
                    point.Iterations,
                    point.Objective,
                    Gap = Finite(Series.Gap(point.Objective, measurements.Optima[series.Task].Dual)),
                }),
            }),
            measurements.Choices,
        },
        Json) + "\n";

    private static double? Finite(double value) => double.IsFinite(value) ? value : null;
}
