namespace OnnxTransfer.Engine;

/// <summary>A class and its probability, 0 to 1.</summary>
public sealed record LabelProbability(string Label, double Probability);

/// <summary>What a model says about one image.</summary>
/// <param name="Image">The image's id.</param>
/// <param name="Ranked">All classes, the most probable first, equally probable ones in the order of the model's classes; empty where there is an error.</param>
/// <param name="Error">Why the image could not be classified, in a sentence; null where it was.</param>
public sealed record Prediction(string Image, IReadOnlyList<LabelProbability> Ranked, string? Error = null)
{
    /// <summary>The most probable class.</summary>
    /// <exception cref="OnnxTransferException"><see cref="FailureKind.Data"/>: there is none; the sentence is <see cref="Error"/>.</exception>
    public LabelProbability Best => Ranked.Count > 0
        ? Ranked[0]
        : throw new OnnxTransferException(FailureKind.Data, Error ?? $"There is no class for {Image}.");
}
