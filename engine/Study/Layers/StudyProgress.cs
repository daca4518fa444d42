using OnnxTransfer.Engine;

namespace OnnxTransfer.Study;

/// <summary>How far a study is.</summary>
/// <param name="Stage">What it does now.</param>
/// <param name="Done">How much of that is done.</param>
/// <param name="Total">How much there is.</param>
public sealed record StudyProgress(string Stage, int Done, int Total)
{
    /// <summary>What an extraction reports to, where the study is listened to.</summary>
    internal static IProgress<ExtractionProgress>? OfExtraction(IProgress<StudyProgress>? progress, string stage = "Extracting codes") =>
        progress is null ? null : new Extracted(progress, stage);

    private sealed class Extracted(IProgress<StudyProgress> progress, string stage) : IProgress<ExtractionProgress>
    {
        public void Report(ExtractionProgress value) => progress.Report(new StudyProgress(stage, value.Done, value.Total));
    }
}
