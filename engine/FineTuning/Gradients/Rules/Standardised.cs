namespace OnnxTransfer.FineTuning;

/// <summary>
/// x' = (x - mean) r over some axes, with r = 1 / √(variance + e): what normalisations share that take both from x itself. The
/// gradient is dx = r (g - mean(g) - x' mean(g x')), g being that of x' (Ba et al. 2016).
/// </summary>
/// <param name="Values">x'.</param>
/// <param name="Rate">r, with the axes kept as 1.</param>
/// <param name="Axes">The axes.</param>
/// <param name="Count">The number of elements along them.</param>
internal sealed record Standardised(string Values, string Rate, long[] Axes, long Count)
{
    /// <summary>Computes x' and r of a tensor.</summary>
    public static Standardised Of(GradientNode node, string x, long[] axes, long count, float epsilon)
    {
        var share = node.Scalar(1f / count);
        var centred = node.Add("Sub", [x, node.Mul(node.Sum(x, axes, keep: true), share)]);
        var variance = node.Mul(node.Sum(node.Mul(centred, centred), axes, keep: true), share);
        var rate = node.Add("Reciprocal", [node.Add("Sqrt", [node.Add("Add", [variance, node.Scalar(epsilon)])])]);
        return new(node.Mul(centred, rate), rate, axes, count);
    }

    /// <summary>The gradient of x, from that of x'.</summary>
    public string Gradient(GradientNode node, string gradient)
    {
        var share = node.Scalar(1f / Count);
        var mean = node.Mul(node.Sum(gradient, Axes, keep: true), share);
        var product = node.Mul(node.Sum(node.Mul(gradient, Values), Axes, keep: true), share);
        var rest = node.Add("Sub", [node.Add("Sub", [gradient, mean]), node.Mul(Values, product)]);
        return node.Mul(rest, Rate);
    }
}
