namespace OnnxTransfer.FineTuning;

/// <summary>Computes a node in a run: reads the call's inputs, makes its outputs.</summary>
internal delegate void Kernel(KernelCall call);

/// <summary>An operator of float32 tensors that is written here and run by ONNX Runtime.</summary>
/// <param name="Name">Its name in the domain.</param>
/// <param name="Inputs">The number of inputs.</param>
/// <param name="Optional">How many of them, the last, may be left out.</param>
/// <param name="Outputs">The number of outputs, all made.</param>
/// <param name="Make">Makes the kernel of a node from its attributes.</param>
internal sealed record CustomOperator(string Name, int Inputs, int Optional, int Outputs, Func<KernelAttributes, Kernel> Make)
{
    /// <summary>
    /// Whether the first output may lie in the memory of the first input, where nothing else reads that and both are known to be alike: each
    /// number must be read before it is written. Less memory is held, and what is written is in the cache already.
    /// </summary>
    public bool IsInPlace { get; init; }
}

/// <summary>The attributes of a node.</summary>
internal sealed class KernelAttributes(NativeApi api, nint info)
{
    /// <summary>A list of whole numbers, which must be there.</summary>
    public int[] Numbers(string name) => Array.ConvertAll(api.Numbers(info, name), static number => (int)number);

    /// <summary>A number, which must be there.</summary>
    public float Number(string name) => api.Number(info, name);
}
