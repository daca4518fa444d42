namespace OnnxTransfer.Study.Tests;

/// <summary>Normal numbers for codes whose statistics are known.</summary>
internal static class Normal
{
    public static double Next(Random random) => Math.Sqrt(-2 * Math.Log(1 - random.NextDouble())) * Math.Cos(2 * Math.PI * random.NextDouble());
}
