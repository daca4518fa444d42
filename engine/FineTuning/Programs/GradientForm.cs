namespace OnnxTransfer.FineTuning;

/// <summary>What a graph of gradients is to be fast on; the numbers are the same but for rounding.</summary>
internal enum GradientForm
{
    /// <summary>In ONNX's own operators, as a processor wants them: what any engine runs, and what the others are held against.</summary>
    Standard,

    /// <summary>In the operators of <see cref="OperatorTable"/> too, for the processor of the stock ONNX Runtime.</summary>
    Custom,

    /// <summary>In ONNX's own operators, as a GPU wants them: <see cref="GpuRules"/>.</summary>
    Gpu,
}
