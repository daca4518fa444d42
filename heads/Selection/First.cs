using System.Numerics;

namespace OnnxTransfer.Heads;

/// <summary>The rule for predictions: the largest score wins, and of equals the first class.</summary>
internal static class First
{
    /// <summary>The index of the largest number, the first of equals.</summary>
    public static int OfLargest<T>(ReadOnlySpan<T> values) where T : IComparisonOperators<T, T, bool>
    {
        var best = 0;
        for (var k = 1; k < values.Length; k++)
        {
            best = values[k] > values[best] ? k : best;
        }

        return best;
    }
}
