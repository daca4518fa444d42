namespace OnnxTransfer.Heads;

/// <summary>The weights of a trained head as the start of another training.</summary>
internal static class WarmStart
{
    /// <summary>
    /// K x (D + 1) weights for standardised or centred codes: each label's row of the head, zeros where it has none; null
    /// where all are zero, as that is no start to leave the decades of C out for.
    /// </summary>
    public static double[]? Of(LinearHead head, IReadOnlyList<string> labels, Standardization? standardization, ReadOnlySpan<float> centre)
    {
        var width = head.Width + 1;
        var weights = new double[labels.Count * width];
        var rows = head.Labels.Select(static (label, k) => (label, k)).ToDictionary(static of => of.label, static of => of.k, StringComparer.Ordinal);
        for (var k = 0; k < labels.Count; k++)
        {
            if (rows.TryGetValue(labels[k], out var row))
            {
                head.Weights.Span.Slice(row * width, width).CopyTo(weights.AsSpan(k * width));
            }
        }

        if (head.Loss is HeadLoss.Softmax or HeadLoss.CrammerSinger)
        {
            // Only the penalty bends along what all classes have in common, and the solver leaves that out of its steps: the
            // rows of an optimum sum to zero, and a class that is gone leaves a sum behind.
            CommonPart.TakeOff(weights, labels.Count);
        }

        standardization?.TakeOutOf(weights);
        Centre.TakeOutOf(centre, weights);
        return Array.TrueForAll(weights, static weight => weight == 0) ? null : weights;
    }
}
