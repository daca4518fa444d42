namespace OnnxTransfer.FineTuning;

/// <summary>What broadcasting repeated, undone for a gradient.</summary>
internal static class Repeated
{
    /// <summary>
    /// Sums a gradient that has the shape of the node's first output over the axes along which an input was repeated: those
    /// that the input lacks, and those where it has one element and the output another number.
    /// </summary>
    /// <param name="node">The node, which broadcasts.</param>
    /// <param name="gradient">A tensor with the shape of the node's first output.</param>
    /// <param name="input">The input whose shape the result has.</param>
    /// <exception cref="NoGradientException">It is not known along which axes.</exception>
    public static string Sum(GradientNode node, string gradient, string input)
    {
        var (from, to) = (node.Shape(node.Output()), node.Shape(input));
        var missing = from.Rank - to.Rank;
        var kept = Enumerable.Range(0, to.Rank).Where(axis => !to[axis].IsKnown || to[axis] != from[axis + missing]).ToList();
        if (kept.Any(axis => to[axis].Value != 1))
        {
            throw node.Unsupported($"repeats '{input}' of {to} to {from} in a way that is not known before it runs");
        }

        var summed = node.Sum(gradient, [.. kept.Select(axis => (long)(axis + missing))], keep: true);
        return node.Sum(summed, [.. Enumerable.Range(0, missing).Select(axis => (long)axis)], keep: false);
    }
}
