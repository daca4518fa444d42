using Microsoft.ML.OnnxRuntime;
using OnnxTransfer.Engine;

namespace OnnxTransfer.FineTuning;

/// <summary>One run of a graph of a step: what is bound to it, and the arrays that it alone needs.</summary>
internal sealed class StepRun(InferenceSession session, RunOptions options, string name) : IDisposable
{
    private readonly OrtIoBinding binding = session.CreateIoBinding();
    private readonly List<IDisposable> own = [];

    public void Input(string tensor, StateTensor value) => binding.BindInput(tensor, value.Value);

    public void Output(string tensor, StateTensor value) => binding.BindOutput(tensor, value.Value);

    /// <summary>Binds a tensor of the update graph and what follows on it.</summary>
    public void Move(string tensor, StatePair pair)
    {
        Input(tensor, pair.Current);
        Output(UpdateGraph.Next(tensor), pair.Other);
    }

    public void Scalar(string tensor, float value) => Input(tensor, Own([value], []));

    /// <summary>Binds a batch.</summary>
    public void Feed(TrainingProgram program, TrainingBatch batch)
    {
        for (var index = 0; index < program.Inputs.Count; index++)
        {
            Copy(program.Inputs[index].Name, batch.Inputs[index], [batch.Count, .. program.Inputs[index].Dims]);
        }

        Copy(TrainingProgram.Targets, batch.Targets, [batch.Count, program.Classes]);
    }

    /// <summary>Runs a graph that gives a loss and scores.</summary>
    /// <exception cref="OnnxTransferException"><see cref="FailureKind.Model"/>: ONNX Runtime fails.</exception>
    public ForwardResult Forward(int images, int classes)
    {
        var (loss, logits) = (Own([0], []), Own(new float[images * classes], [images, classes]));
        Output(TrainingProgram.Loss, loss);
        Output(TrainingProgram.Logits, logits);
        Go();
        return new ForwardResult(loss.Array[0], logits.Array);
    }

    /// <summary>Runs the update graph and gives the length of the gradient.</summary>
    /// <exception cref="OnnxTransferException"><see cref="FailureKind.Model"/>: ONNX Runtime fails.</exception>
    public double Length()
    {
        var length = Own([0], []);
        Output(UpdateGraph.Length, length);
        Go();
        return length.Array[0];
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        binding.Dispose();
        own.ForEach(static tensor => tensor.Dispose());
    }

    private void Copy(string tensor, float[] values, long[] dims)
    {
        var copy = RuntimeTensor.Of(values, dims);
        own.Add(copy);
        binding.BindInput(tensor, copy);
    }

    private StateTensor Own(float[] values, IReadOnlyList<long> dims)
    {
        var tensor = new StateTensor(values, dims);
        own.Add(tensor);
        return tensor;
    }

    private void Go()
    {
        try
        {
            binding.SynchronizeBoundInputs();
            session.RunWithBinding(options, binding);
            binding.SynchronizeBoundOutputs();
        }
        catch (OnnxRuntimeException e)
        {
            throw Runtime.CannotRun(name, e);
        }
    }
}
