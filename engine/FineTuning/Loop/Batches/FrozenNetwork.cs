using Microsoft.ML.OnnxRuntime;
using OnnxTransfer.Engine;
using OnnxTransfer.Onnx;

namespace OnnxTransfer.FineTuning;

/// <summary>The part of a network that is not learned: from images to what the learned part takes.</summary>
internal sealed class FrozenNetwork : IDisposable
{
    private readonly InferenceSession session;
    private readonly RunOptions options = new();
    private readonly string name;
    private readonly string image;
    private readonly long[] sides;
    private readonly IReadOnlyList<ProgramInput> border;

    /// <summary>Opens it.</summary>
    /// <param name="model">The network, whose outputs are the border in its order.</param>
    /// <param name="image">Its image input.</param>
    /// <param name="sides">The extents of an image.</param>
    /// <param name="border">What it gives.</param>
    /// <param name="threads">Threads inside one run.</param>
    /// <param name="provider">What runs it.</param>
    public FrozenNetwork(OnnxModel model, string image, long[] sides, IReadOnlyList<ProgramInput> border, int threads, ExecutionProvider provider)
    {
        (name, this.image, this.sides, this.border) = (model.Name, image, sides, border);
        session = Runtime.Open(model, threads: threads, provider: provider);
    }

    /// <summary>The batch that the learned part takes, made of one of images.</summary>
    /// <exception cref="OnnxTransferException"><see cref="FailureKind.Model"/>: ONNX Runtime fails.</exception>
    public TrainingBatch Of(TrainingBatch images)
    {
        ArgumentNullException.ThrowIfNull(images);
        float[][] made = [.. border.Select(tensor => new float[images.Count * tensor.Count])];
        using var binding = session.CreateIoBinding();
        using var input = RuntimeTensor.Of(images.Inputs[0], [images.Count, .. sides]);
        OrtValue[] outputs = [.. border.Select((tensor, place) => OrtValue.CreateTensorValueFromMemory(made[place], [images.Count, .. tensor.Dims]))];
        try
        {
            binding.BindInput(image, input);
            for (var place = 0; place < outputs.Length; place++)
            {
                binding.BindOutput(border[place].Name, outputs[place]);
            }

            binding.SynchronizeBoundInputs();
            session.RunWithBinding(options, binding);
            binding.SynchronizeBoundOutputs();
            return images with { Inputs = made };
        }
        catch (OnnxRuntimeException e)
        {
            throw Runtime.CannotRun(name, e);
        }
        finally
        {
            Array.ForEach(outputs, static output => output.Dispose());
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        session.Dispose();
        options.Dispose();
    }
}
