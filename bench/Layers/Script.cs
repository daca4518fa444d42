using System.Diagnostics;
using System.Globalization;
using System.Text.Json;
using OnnxTransfer.Bench.Extraction;
using OnnxTransfer.Engine;
using OnnxTransfer.Heads;

namespace OnnxTransfer.Bench.Layers;

/// <summary>
/// A piece of the script's work on a layer: the extraction of all its poolings, or the search for the C of one head, or the
/// seconds of one of these that was not let end.
/// </summary>
internal sealed record ScriptPiece(string Layer, double Extraction, HeadResult? Search, double Stopped = 0);

/// <summary>
/// The obvious way: each layer has an extraction of its own, and each pooling and head of it a grid search of its own. The
/// extraction is ours, which flatters the script.
/// </summary>
internal static class Script
{
    /// <summary>The folds of a search.</summary>
    public const int Folds = 5;

    /// <summary>The C of our grid.</summary>
    public const int HalfDecades = 13;

    /// <summary>Does one layer, piece by piece.</summary>
    public static IEnumerable<ScriptPiece> Run(BenchOptions options)
    {
        using var photos = new Photos(options.Tar, int.MaxValue);
        using var backbone = Backbone.Default();
        var layer = backbone.Taps.Find(options.Part!);
        Tap[] taps = [.. options.Poolings.Select(pooling => new Tap(layer, pooling))];
        StudySide.WarmUp(backbone, photos, taps[0]);
        var start = Stopwatch.GetTimestamp();
        using var codes = backbone.Extract(photos.Images, taps, photos.NewStore());
        yield return new ScriptPiece(layer.Name, Stopwatch.GetElapsedTime(start).TotalSeconds, null);
        var ids = photos.Images.OfSplit("train").Select(static image => image.Id).ToHashSet(StringComparer.Ordinal);
        int[] rows = [.. Enumerable.Range(0, codes.Ids.Count).Where(row => ids.Contains(codes.Ids[row]))];
        var indices = codes.ClassIndices();
        var (x, y) = (photos.NewStore() + ".npy", photos.NewStore() + ".npy");
        Npy.Write(y, [.. rows.Select(row => indices[row])]);
        foreach (var tap in taps)
        {
            Npy.Write(x, codes.Read(codes.Column(layer.Name, tap.Pooling), rows));
            foreach (var loss in options.Losses)
            {
                yield return new ScriptPiece(layer.Name, 0, Search(options, tap, loss, x, y));
            }
        }
    }

    private static HeadResult Search(BenchOptions options, Tap tap, HeadLoss loss, string x, string y)
    {
        var found = JsonDocument.Parse(Output(options.Python, [
            Path.Combine(AppContext.BaseDirectory, "grid_search.py"), loss.ToText(), x, y, $"{Folds}", $"{options.Folds}",
            .. Grid(tap.Width).Select(static c => c.ToString("R", CultureInfo.InvariantCulture))])).RootElement;
        return new HeadResult(
            tap.Point.Name, tap.Pooling, loss, tap.Width, found.GetProperty("seconds").GetDouble(), found.GetProperty("accuracy").GetDouble(),
            found.GetProperty("versions").GetString());
    }

    // CGrid's, where the mean squared distance from the mean is the number of columns.
    private static IEnumerable<double> Grid(int columns) =>
        Enumerable.Range(-3, HalfDecades).Select(half => Math.Pow(10, (Math.Round(-2 * Math.Log10(columns)) + half) / 2));

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
