namespace OnnxTransfer.FineTuning;

/// <summary>
/// y = x, once one or two other tensors are there. The runtime runs what nothing reads last of all, as the gradients of weights, and
/// keeps until then what they are made of; where x goes on through this, they are made while x is there anyway. Nothing is copied where x is
/// not read again. Inputs: x, and the others.
/// </summary>
internal static unsafe class After
{
    /// <summary>The operator.</summary>
    public static CustomOperator Operator { get; } = new("After", 3, 1, 1, static _ => static call =>
    {
        var x = call.Input(0);
        var y = call.Output(0, x.Dims);
        if (y.Data != x.Data)
        {
            Pieces.Each(call, x.Count, (start, end) => new ReadOnlySpan<float>(x.Data + start, (int)(end - start)).CopyTo(new Span<float>(y.Data + start, (int)(end - start))));
        }
    }) { IsInPlace = true };
}
