namespace OnnxTransfer.FineTuning.Tests.CustomOperators;

/// <summary>Reproducible values in [-1, 1).</summary>
internal static class Noise
{
    public static float[] Of(int count, int seed)
    {
        var random = new Random(seed);
        return [.. Enumerable.Range(0, count).Select(_ => (float)((2 * random.NextDouble()) - 1))];
    }
}
