namespace OnnxTransfer.FineTuning;

/// <summary>The artifacts as the bytes of their files.</summary>
/// <param name="Checkpoint">Weights, statistics and moments.</param>
/// <param name="Training">Forward, loss and gradients.</param>
/// <param name="Evaluation">Forward and loss.</param>
/// <param name="Optimizer">The update.</param>
internal sealed record Artifacts(byte[] Checkpoint, byte[] Training, byte[] Evaluation, byte[] Optimizer);

/// <summary>One build of ONNX Runtime Training with the artifacts in it.</summary>
internal interface IArtifactRunner : IDisposable
{
    /// <summary>Forward and backward: the loss, the logits, and the gradients of the batch in the parameters' order.</summary>
    float[][] Train(TrainingBatch batch);

    /// <summary>Forward alone: the loss and the logits.</summary>
    float[][] Evaluate(TrainingBatch batch);

    /// <summary>All parameters and statistics, one behind the other in the order of the training model's inputs.</summary>
    float[] Parameters();

    /// <summary>Overwrites the two numbers of <see cref="Steering"/>, updates the weights, and has the gradients forgotten.</summary>
    void Update(float rate, float share);
}
