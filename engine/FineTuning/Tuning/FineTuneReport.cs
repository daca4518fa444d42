using System.Text.Json.Nodes;
using OnnxTransfer.Engine;
using OnnxTransfer.Heads;

namespace OnnxTransfer.FineTuning;

/// <summary>What an epoch came to.</summary>
/// <param name="Epoch">Its number, from 1.</param>
/// <param name="Update">The number of its last update.</param>
/// <param name="Loss">The mean training loss.</param>
/// <param name="ValidationLoss">The mean loss of the validation part, where there is one.</param>
/// <param name="ValidationAccuracy">The share of it that is classified right.</param>
/// <param name="ImagesPerSecond">How fast it was.</param>
public sealed record EpochReport(int Epoch, long Update, double? Loss, double? ValidationLoss, double? ValidationAccuracy, double ImagesPerSecond);

/// <summary>A validation.</summary>
/// <param name="Loss">The mean loss; null where it was not finite.</param>
/// <param name="Accuracy">The share that is classified right.</param>
public sealed record ValidationReport(double? Loss, double Accuracy);

/// <summary>What an update came to.</summary>
/// <param name="Update">Its number, from 1.</param>
/// <param name="Loss">The mean training loss; null where it was not finite.</param>
/// <param name="Rate">The learning rate.</param>
public sealed record UpdateReport(long Update, double? Loss, double Rate);

/// <summary>What <see cref="FineTune"/> did.</summary>
public sealed record FineTuneReport
{
    /// <summary>Where the classifier was put on.</summary>
    public required Tap Tap { get; init; }

    /// <summary>The linear head that it started from; null from scratch.</summary>
    public required LinearHead? Head { get; init; }

    /// <summary>The accuracy of the linear head on the test part; null from scratch.</summary>
    public required MetricEstimate? HeadTestAccuracy { get; init; }

    /// <summary>The exported network on the test part.</summary>
    public required Evaluation Test { get; init; }

    /// <summary>The numbers that were learned.</summary>
    public required long Learned { get; init; }

    /// <summary>Where the frozen part ends; empty where everything is learned.</summary>
    public required IReadOnlyList<string> Border { get; init; }

    /// <summary>Whether the frozen part was run once for each image, because images are not changed.</summary>
    public required bool IsCached { get; init; }

    /// <summary>Images that were learned from.</summary>
    public required int TrainImages { get; init; }

    /// <summary>Images that were validated on.</summary>
    public required int ValidationImages { get; init; }

    /// <summary>The validation before the first update; null without a validation part.</summary>
    public required ValidationReport? Start { get; init; }

    /// <summary>The epochs; those before a resumption too.</summary>
    public required IReadOnlyList<EpochReport> Epochs { get; init; }

    /// <summary>The epoch that was kept, from 1; 0: the start, which no epoch was better than; null: the last, without a validation part.</summary>
    public required int? BestEpoch { get; init; }

    /// <summary>The updates.</summary>
    public required long Updates { get; init; }

    /// <summary>Each update; those before a resumption too.</summary>
    public required IReadOnlyList<UpdateReport> Losses { get; init; }

    /// <summary>All options, as the model's metadata has them.</summary>
    public required JsonObject Description { get; init; }

    /// <summary>The version of ONNX Runtime.</summary>
    public required string Runtime { get; init; }

    /// <summary>The highest learning rate, of the new classifier.</summary>
    public required double Rate { get; init; }

    /// <summary>How the rate was found; null where it was given.</summary>
    public required RateRange? RateSearch { get; init; }

    /// <summary>The metrics file.</summary>
    public required string Metrics { get; init; }

    /// <summary>The picture of the loss, an SVG file.</summary>
    public required string Chart { get; init; }

    /// <summary>Images that cannot be used.</summary>
    public required IReadOnlyList<SkippedImage> Skipped { get; init; }

    /// <summary>What was odd.</summary>
    public required IReadOnlyList<string> Notes { get; init; }

    /// <summary>The time of each stage.</summary>
    public required IReadOnlyList<StageTime> Stages { get; init; }
}
