namespace OnnxTransfer.FineTuning;

/// <summary>A batch as it is fed: flat arrays in the order of <see cref="TrainingProgram.Inputs"/>, and the targets [N, K].</summary>
/// <param name="Count">N, the number of images.</param>
/// <param name="Inputs">For each input N times its elements.</param>
/// <param name="Targets">N x K shares, each row's sum 1, or for multi-label heads each from 0 to 1.</param>
internal sealed record TrainingBatch(int Count, float[][] Inputs, float[] Targets);

/// <summary>What a forward pass gave.</summary>
/// <param name="Loss">The mean loss of the batch.</param>
/// <param name="Logits">N x K scores.</param>
internal sealed record ForwardResult(float Loss, float[] Logits);

/// <summary>One way to run a <see cref="TrainingProgram"/>; all start from the same state and give it back.</summary>
internal interface ITrainingEngine : IDisposable
{
    /// <summary>Forward, loss and backward; gradients add up until <see cref="Update"/>, running statistics move.</summary>
    ForwardResult Accumulate(TrainingBatch batch);

    /// <summary>Changes the weights by the mean of the gradients since the last update, and forgets those.</summary>
    /// <param name="rate">The learning rate, before each parameter's own factor.</param>
    /// <returns>The length of the gradient of all parameters together, before it is clipped.</returns>
    double Update(double rate);

    /// <summary>The gradients since the last update, by parameter: their sum over the batches.</summary>
    IReadOnlyDictionary<string, float[]> Gradients();

    /// <summary>Forward alone, as the exported network runs.</summary>
    ForwardResult Evaluate(TrainingBatch batch);

    /// <summary>A copy of all that training changes.</summary>
    TrainingState State();
}
