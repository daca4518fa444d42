namespace OnnxTransfer.Heads;

/// <summary>The nearest class mean as a linear head: -||x - mu_k||^2 less what all classes have in common, ||x||^2.</summary>
internal static class NearestClassMean
{
    /// <summary>K x (D + 1) weights for codes less the mean code: 2 mu_k, and -||mu_k||^2 last.</summary>
    public static double[] Weights(ClassMeans means)
    {
        var width = means.Codes.Columns + 1;
        var weights = new double[means.Counts.Length * width];
        for (var k = 0; k < means.Counts.Length; k++)
        {
            var mean = means.Mean(k);
            var row = weights.AsSpan(k * width, width);
            VectorArithmetic.AddScaled(2, mean, row);
            row[^1] = -VectorArithmetic.Dot(mean, mean);
        }

        return weights;
    }
}
