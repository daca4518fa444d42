namespace OnnxTransfer.FineTuning;

/// <summary>Thrown where a node cannot be differentiated; who asked for the gradients says what to do about it.</summary>
/// <param name="tensor">The first output of the node.</param>
/// <param name="node">The node's name and operator.</param>
/// <param name="why">What stands in the way, as the end of a sentence.</param>
internal sealed class NoGradientException(string tensor, string node, string why) : Exception($"{node} {why}")
{
    /// <summary>The first output of the node: gradients end there.</summary>
    public string Tensor { get; } = tensor;
}
