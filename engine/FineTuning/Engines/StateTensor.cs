using Microsoft.ML.OnnxRuntime;

namespace OnnxTransfer.FineTuning;

/// <summary>A tensor that the runtime reads and writes in place: an array, or a piece of a provider's memory.</summary>
internal sealed class StateTensor : IDisposable
{
    private readonly float[]? array;
    private readonly TensorMemory? memory;

    /// <summary>Takes an array as it is.</summary>
    public StateTensor(float[] array, IReadOnlyList<long> dims) => (this.array, Value) = (array, OrtValue.CreateTensorValueFromMemory(array, [.. dims]));

    private StateTensor(TensorMemory memory, float[] values, IReadOnlyList<long> dims) => (this.memory, Value) = (memory, memory.Put(values, dims));

    /// <summary>What runs are given.</summary>
    public OrtValue Value { get; }

    /// <summary>A copy of the values in a memory, or where there is none in an array of its own.</summary>
    public static StateTensor Of(TensorMemory? memory, float[] values, IReadOnlyList<long> dims) =>
        memory is null ? new((float[])values.Clone(), dims) : new(memory, values, dims);

    /// <summary>The array itself.</summary>
    /// <exception cref="InvalidOperationException">The tensor lies in a provider's memory.</exception>
    public float[] Array => array ?? throw new InvalidOperationException("The tensor is not in an array.");

    /// <summary>A copy of the values.</summary>
    public float[] Read() => array is not null ? (float[])array.Clone() : memory!.Read(Value);

    /// <inheritdoc/>
    public void Dispose() => Value.Dispose();
}

/// <summary>Two tensors that are input and output by turns.</summary>
internal sealed class StatePair(TensorMemory? memory, float[] start, IReadOnlyList<long> dims) : IDisposable
{
    private StateTensor? other;

    /// <summary>What is read next.</summary>
    public StateTensor Current { get; private set; } = StateTensor.Of(memory, start, dims);

    /// <summary>What is written next; made when it is first needed.</summary>
    public StateTensor Other => other ??= StateTensor.Of(memory, new float[dims.Aggregate(1L, static (product, dim) => product * dim)], dims);

    /// <summary>Changes their parts.</summary>
    public void Swap() => (Current, other) = (Other, Current);

    /// <inheritdoc/>
    public void Dispose()
    {
        Current.Dispose();
        other?.Dispose();
    }
}
