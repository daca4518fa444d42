namespace OnnxTransfer.Onnx;

/// <summary>Counting in steps, without overflow.</summary>
internal static class Steps
{
    /// <summary>How many of first, first + step, first + 2 step, ... lie before <paramref name="last"/> in the direction of the step.</summary>
    /// <param name="first">The first number.</param>
    /// <param name="last">The bound, which does not belong to them.</param>
    /// <param name="step">The step, not 0.</param>
    public static Int128 Count(long first, long last, long step)
    {
        var (distance, length) = step > 0 ? ((Int128)last - first, (Int128)step) : ((Int128)first - last, -(Int128)step);
        return distance <= 0 ? 0 : ((distance - 1) / length) + 1;
    }
}
