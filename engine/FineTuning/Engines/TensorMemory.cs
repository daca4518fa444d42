using Microsoft.ML.OnnxRuntime;
using Microsoft.ML.OnnxRuntime.Tensors;
using OnnxTransfer.Engine;

namespace OnnxTransfer.FineTuning;

/// <summary>
/// Tensors that stay where an execution provider computes, from run to run, and the ways there and back. The copies are runs of a graph
/// of one node, which every provider has.
/// </summary>
internal sealed class TensorMemory : IDisposable
{
    private readonly ExecutionProvider provider;
    private readonly InferenceSession copy;
    private readonly Lazy<InferenceSession> add;
    private readonly OrtMemoryInfo place;
    private readonly OrtAllocator allocator;
    private readonly RunOptions options = new();

    /// <summary>Opens it.</summary>
    /// <param name="provider">Where the tensors lie.</param>
    /// <exception cref="OnnxTransferException"><see cref="FailureKind.Machine"/>: there is no native library.</exception>
    public TensorMemory(ExecutionProvider provider)
    {
        this.provider = provider;
        copy = Runtime.Open(TinyGraphs.Identity(), provider: provider);
        add = new(() => Runtime.Open(TinyGraphs.Add(), provider: provider));
        place = provider.MemoryInfo();
        allocator = new OrtAllocator(copy, place);
    }

    /// <summary>A tensor of any values.</summary>
    /// <exception cref="OnnxTransferException"><see cref="FailureKind.Machine"/>: there is no memory left.</exception>
    public OrtValue Empty(IReadOnlyList<long> dims)
    {
        try
        {
            return OrtValue.CreateAllocatedTensorValue(allocator, TensorElementType.Float, [.. dims]);
        }
        catch (OnnxRuntimeException e)
        {
            throw Failed(e);
        }
    }

    /// <summary>A tensor of these values.</summary>
    public OrtValue Put(float[] values, IReadOnlyList<long> dims)
    {
        using var host = OrtValue.CreateTensorValueFromMemory(values, [.. dims]);
        var tensor = Empty(dims);
        Run(copy, tensor, host);
        return tensor;
    }

    /// <summary>The values of a tensor.</summary>
    public float[] Read(OrtValue tensor)
    {
        var shape = tensor.GetTensorTypeAndShape();
        var values = new float[shape.ElementCount];
        using var host = OrtValue.CreateTensorValueFromMemory(values, shape.Shape);
        Run(copy, host, tensor);
        return values;
    }

    /// <summary>Makes a third tensor the sum of two.</summary>
    public void Add(OrtValue x, OrtValue y, OrtValue sum) => Run(add.Value, sum, x, y);

    /// <inheritdoc/>
    public void Dispose()
    {
        allocator.Dispose();
        place.Dispose();
        copy.Dispose();
        if (add.IsValueCreated)
        {
            add.Value.Dispose();
        }

        options.Dispose();
    }

    private void Run(InferenceSession session, OrtValue result, params OrtValue[] inputs)
    {
        using var binding = session.CreateIoBinding();
        for (var i = 0; i < inputs.Length; i++)
        {
            binding.BindInput(TinyGraphs.Inputs[i], inputs[i]);
        }

        binding.BindOutput(TinyGraphs.Output, result);
        try
        {
            binding.SynchronizeBoundInputs();
            session.RunWithBinding(options, binding);
            binding.SynchronizeBoundOutputs();
        }
        catch (OnnxRuntimeException e)
        {
            throw Failed(e);
        }
    }

    private OnnxTransferException Failed(OnnxRuntimeException e) => new(
        FailureKind.Machine, $"{provider.RegisteredName} cannot keep the weights: {Runtime.Reason(e)}; end what else runs there, or train less of the network (--train-from).", e);
}
