using OnnxTransfer.Engine;
using OnnxTransfer.Heads;

namespace OnnxTransfer.Study;

/// <summary>Everything that <see cref="TrainingReport"/> shows.</summary>
public sealed record TrainingContent
{
    /// <summary>What the set of photos is called.</summary>
    public required string Data { get; init; }

    /// <summary>What the network is called.</summary>
    public required string Backbone { get; init; }

    /// <summary>What was learned, in a sentence.</summary>
    public required string Learned { get; init; }

    /// <summary>Images that were learned from.</summary>
    public required int TrainImages { get; init; }

    /// <summary>Images that were validated on.</summary>
    public required int ValidationImages { get; init; }

    /// <summary>Every update in its order.</summary>
    public required IReadOnlyList<TrainedUpdate> Updates { get; init; }

    /// <summary>The validation before the first update, as epoch 0; null without a validation part.</summary>
    public required TrainedEpoch? Start { get; init; }

    /// <summary>Every epoch in its order.</summary>
    public required IReadOnlyList<TrainedEpoch> Epochs { get; init; }

    /// <summary>The epoch that was kept, from 1; 0: the start; null: the last.</summary>
    public required int? BestEpoch { get; init; }

    /// <summary>The accuracy on the test part of the head that it began with; null: there was none.</summary>
    public required MetricEstimate? Head { get; init; }

    /// <summary>The result on the test part.</summary>
    public required Evaluation Test { get; init; }

    /// <summary>The command that uses the model.</summary>
    public required string NextCommand { get; init; }

    /// <summary>Options and versions: all that is needed to do it again.</summary>
    public required IReadOnlyList<ReportSetting> Settings { get; init; }

    /// <summary>The time of each stage.</summary>
    public required IReadOnlyList<StageTime> Stages { get; init; }

    /// <summary>What was odd about the set.</summary>
    public required IReadOnlyList<string> Notes { get; init; }

    /// <summary>Images that could not be used.</summary>
    public required IReadOnlyList<SkippedImage> Skipped { get; init; }
}

/// <summary>An update of a training.</summary>
/// <param name="Update">Its number, from 1.</param>
/// <param name="Loss">Its mean loss; null where it was not finite.</param>
/// <param name="Rate">Its learning rate.</param>
public sealed record TrainedUpdate(long Update, double? Loss, double Rate);

/// <summary>An epoch of a training, or its start.</summary>
/// <param name="Epoch">Its number, from 1; 0: the start.</param>
/// <param name="Update">The number of its last update.</param>
/// <param name="Loss">The mean training loss; null at the start.</param>
/// <param name="ValidationLoss">The mean loss of the validation part, where there is one.</param>
/// <param name="ValidationAccuracy">The share of it that is right.</param>
public sealed record TrainedEpoch(int Epoch, long Update, double? Loss, double? ValidationLoss, double? ValidationAccuracy);
