namespace OnnxTransfer.Heads;

/// <summary>What the rows of all classes have in common: a shift of all scores of a code, which decides nothing.</summary>
internal static class CommonPart
{
    /// <summary>Takes the mean row off K rows of weights, in place: they sum to zero.</summary>
    public static void TakeOff(double[] weights, int classes)
    {
        var width = weights.Length / classes;
        var mean = new double[width];
        for (var k = 0; k < classes; k++)
        {
            VectorArithmetic.AddScaled(1.0 / classes, weights.AsSpan(k * width, width), mean);
        }

        for (var k = 0; k < classes; k++)
        {
            VectorArithmetic.AddScaled(-1, mean, weights.AsSpan(k * width, width));
        }
    }
}
