namespace OnnxTransfer.Study;

/// <summary>How far a study is.</summary>
/// <param name="Stage">What it does now.</param>
/// <param name="Done">How much of that is done.</param>
/// <param name="Total">How much there is.</param>
public sealed record StudyProgress(string Stage, int Done, int Total);
