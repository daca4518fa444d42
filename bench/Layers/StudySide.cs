using System.Diagnostics;
using OnnxTransfer.Bench.Extraction;
using OnnxTransfer.Engine;
using OnnxTransfer.Heads;
using OnnxTransfer.Study;

namespace OnnxTransfer.Bench.Layers;

/// <summary>A head of the study, or of the script.</summary>
internal sealed record HeadResult(string Layer, Pooling Pooling, HeadLoss Loss, int Numbers, double Seconds, double Accuracy, string? Versions = null);

/// <summary>Our side.</summary>
/// <param name="Plain">Seconds of one extraction at the deepest layer.</param>
/// <param name="Whole">Seconds of the study.</param>
/// <param name="Stages">What it spent them on.</param>
/// <param name="Heads">Its heads; seconds are not known of each.</param>
/// <param name="Layers">The layers, shallow ones first.</param>
/// <param name="TrainImages">Images that it learned from.</param>
/// <param name="TestImages">Images that it tested with.</param>
/// <param name="Processors">How many it had.</param>
internal sealed record StudySide(
    double Plain, double Whole, IReadOnlyList<StageTime> Stages, IReadOnlyList<HeadResult> Heads, IReadOnlyList<string> Layers, int TrainImages, int TestImages, int Processors)
{
    /// <summary>Seconds of the study's heads.</summary>
    public double HeadSeconds => Stages.Single(static stage => stage.Stage == "train the heads").Seconds;

    /// <summary>Measures both.</summary>
    public static StudySide Measure(BenchOptions options)
    {
        using var photos = new Photos(options.Tar, int.MaxValue);
        using var backbone = Backbone.Default();
        var layers = BenchOptions.Layers(backbone);
        var deepest = new Tap(layers[^1], Pooling.Average);
        WarmUp(backbone, photos, deepest);
        var plain = Seconds(() => backbone.Extract(photos.Images, deepest, photos.NewStore()).Dispose());
        LayerReport? study = null;
        var whole = Seconds(() => study = LayerStudy.Run(backbone, photos.Images, new LayerStudyOptions
        {
            Taps = [.. layers.Select(static layer => layer.Name)],
            Poolings = options.Poolings,
            Losses = options.Losses,
        }));
        return new StudySide(
            plain, whole, study!.Stages,
            [.. study.Scores.Select(static score => new HeadResult(score.Tap.Point.Name, score.Tap.Pooling, score.Loss, score.Tap.Width, 0, score.CrossValidated.Accuracy))],
            [.. layers.Select(static layer => layer.Name)], study.TrainImages, study.TestImages, Environment.ProcessorCount);
    }

    /// <summary>What is compiled and paged in the first time would be counted against whoever comes first.</summary>
    public static void WarmUp(Backbone backbone, Photos photos, Tap tap) => backbone.Extract(photos.Images.Take(100), tap, photos.NewStore()).Dispose();

    public static double Seconds(Action work)
    {
        var start = Stopwatch.GetTimestamp();
        work();
        return Stopwatch.GetElapsedTime(start).TotalSeconds;
    }
}
