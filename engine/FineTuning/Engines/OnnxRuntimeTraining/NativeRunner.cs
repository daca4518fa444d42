using Microsoft.ML.OnnxRuntime;

namespace OnnxTransfer.FineTuning;

/// <summary>The native library, where the application carries a build of ONNX Runtime that can train.</summary>
internal sealed class NativeRunner : IArtifactRunner
{
    private readonly TrainingProgram program;
    private readonly string folder = Directory.CreateTempSubdirectory("onnxtransfer-training-").FullName;
    private readonly CheckpointState? checkpoint;
    private readonly TrainingSession? session;

    /// <summary>Writes the artifacts into a temporary folder and opens them.</summary>
    /// <param name="program">Names the user inputs and the parameters.</param>
    /// <param name="artifacts">What is run.</param>
    /// <exception cref="OnnxTransferException">Machine: the native library is missing or cannot train, or refuses the graphs.</exception>
    public NativeRunner(TrainingProgram program, Artifacts artifacts)
    {
        this.program = program;
        try
        {
            checkpoint = CheckpointState.LoadCheckpoint(Put(TrainingArtifacts.CheckpointFile, artifacts.Checkpoint));
            session = new TrainingSession(
                checkpoint,
                Put(TrainingArtifacts.TrainingFile, artifacts.Training),
                Put(TrainingArtifacts.EvaluationFile, artifacts.Evaluation),
                Put(TrainingArtifacts.OptimizerFile, artifacts.Optimizer));
        }
        catch (Exception e) when (e is InvalidOperationException or OnnxRuntimeException or TypeInitializationException or DllNotFoundException or EntryPointNotFoundException)
        {
            Dispose();
            throw new OnnxTransferException(
                FailureKind.Machine,
                $"The native ONNX Runtime cannot train this: {e.Message.Split('\n')[0].TrimEnd('.')}; build with -p:OrtTraining=true, which takes Microsoft.ML.OnnxRuntime.Training 1.19.2, or take another engine.",
                e);
        }
    }

    /// <inheritdoc/>
    public float[][] Train(TrainingBatch batch) => Step(batch, session!.OutputNames(true), session.TrainStep,
        [TrainingProgram.Loss, TrainingProgram.Logits, .. program.Parameters.Select(TrainingArtifacts.GradientName)]);

    /// <inheritdoc/>
    public float[][] Evaluate(TrainingBatch batch) => Step(batch, session!.OutputNames(false), session.EvalStep, [TrainingProgram.Loss, TrainingProgram.Logits]);

    /// <inheritdoc/>
    public float[] Parameters()
    {
        using var all = session!.ToBuffer(false);
        return all.GetTensorDataAsSpan<float>().ToArray();
    }

    /// <inheritdoc/>
    public void Update(float rate, float share)
    {
        using var all = session!.ToBuffer(true);
        float[] steering = [rate, share];
        steering.CopyTo(all.GetTensorMutableDataAsSpan<float>()[^steering.Length..]);
        session.FromBuffer(all, true);
        session.OptimizerStep();
        session.LazyResetGrad();
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        session?.Dispose();
        checkpoint?.Dispose();
        Directory.Delete(folder, recursive: true);
    }

    private float[][] Step(
        TrainingBatch batch, List<string> outputs, Func<IReadOnlyCollection<OrtValue>, IDisposableReadOnlyCollection<OrtValue>> run, string[] wanted)
    {
        var inputs = program.Inputs.Select((input, i) => RuntimeTensor.Of(batch.Inputs[i], [batch.Count, .. input.Dims]))
            .Append(RuntimeTensor.Of(batch.Targets, [batch.Count, program.Classes])).ToArray();
        try
        {
            using var results = run(inputs);
            return [.. wanted.Select(name => results[outputs.IndexOf(name)].GetTensorDataAsSpan<float>().ToArray())];
        }
        finally
        {
            Array.ForEach(inputs, input => input.Dispose());
        }
    }

    private string Put(string name, byte[] content)
    {
        var path = Path.Combine(folder, name);
        File.WriteAllBytes(path, content);
        return path;
    }
}
