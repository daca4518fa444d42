using System.Diagnostics;
using System.Globalization;
using System.Text.Json;
using OnnxTransfer.Bench.Extraction;
using OnnxTransfer.Engine;
using OnnxTransfer.Heads;

namespace OnnxTransfer.Bench.Layers;

/// <summary>What one layer cost the script, in seconds, and what it found.</summary>
internal sealed record ScriptLayer(double Extraction, double Search, double C, double Accuracy, string Versions);

/// <summary>
/// The obvious way: each layer has an extraction of its own and a grid search of its own. The extraction is ours, which flatters
/// the script.
/// </summary>
internal static class Script
{
    /// <summary>Extracts one layer, and searches for C by scikit-learn.</summary>
    public static ScriptLayer Run(Backbone backbone, Photos photos, Tap tap, string python, int folds, IReadOnlyList<double> cs)
    {
        var train = photos.Images.OfSplit("train");
        var start = Stopwatch.GetTimestamp();
        using var codes = backbone.Extract(photos.Images, tap, photos.NewStore());
        var extraction = Stopwatch.GetElapsedTime(start).TotalSeconds;
        var ids = train.Select(static image => image.Id).ToHashSet(StringComparer.Ordinal);
        int[] rows = [.. Enumerable.Range(0, codes.Ids.Count).Where(row => ids.Contains(codes.Ids[row]))];
        var (x, y) = (photos.NewStore() + ".npy", photos.NewStore() + ".npy");
        var indices = codes.ClassIndices();
        Npy.Write(x, codes.Read(codes.Column(null, null), rows));
        Npy.Write(y, [.. rows.Select(row => indices[row])]);
        var found = JsonDocument.Parse(Output(python, [Path.Combine(AppContext.BaseDirectory, "grid_search.py"), x, y, $"{folds}",
            .. cs.Select(static c => c.ToString("R", CultureInfo.InvariantCulture))])).RootElement;
        return new ScriptLayer(
            extraction, found.GetProperty("seconds").GetDouble(), found.GetProperty("c").GetDouble(), found.GetProperty("accuracy").GetDouble(),
            found.GetProperty("versions").GetString()!);
    }

    private static string Output(string program, IEnumerable<string> arguments)
    {
        using var process = Process.Start(new ProcessStartInfo(program, arguments) { RedirectStandardOutput = true })!;
        var said = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        return process.ExitCode == 0
            ? said
            : throw new OnnxTransferException(FailureKind.Machine, $"{program} ended with {process.ExitCode}; it needs NumPy and scikit-learn.");
    }
}
