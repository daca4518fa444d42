using System.Numerics;

namespace OnnxTransfer.Heads.Tests;

/// <summary>Numbers that are hard on arithmetic, and whether two results are the same to the last bit.</summary>
internal static class Bits
{
    /// <summary>
    /// Random numbers in (-1, 1); one of <paramref name="period"/> is special: zeros, subnormals, and where wanted
    /// infinities and NaN.
    /// </summary>
    public static T[] Numbers<T>(int count, int seed, int period = 0, bool finite = true) where T : unmanaged, IFloatingPointIeee754<T>
    {
        var random = new Random(seed);
        var smallest = T.Epsilon;
        T[] special =
        [
            T.Zero, T.NegativeZero, smallest, -smallest, smallest * T.CreateChecked(12345), T.One,
            .. finite ? (ReadOnlySpan<T>)[] : [T.PositiveInfinity, T.NegativeInfinity, T.NaN],
        ];
        var numbers = new T[count];
        foreach (ref var number in numbers.AsSpan())
        {
            number = T.CreateTruncating((2 * random.NextDouble()) - 1);
            if (period > 0 && random.Next(period) == 0)
            {
                number = special[random.Next(special.Length)];
            }
        }

        return numbers;
    }

    /// <summary>The first place where two results differ (any NaN is like any other); -1: nowhere.</summary>
    public static int Difference<T>(ReadOnlySpan<T> x, ReadOnlySpan<T> y) where T : unmanaged, IFloatingPointIeee754<T>
    {
        Assert.That(x.Length, Is.EqualTo(y.Length));
        for (var i = 0; i < x.Length; i++)
        {
            var same = T.IsNaN(x[i]) ? T.IsNaN(y[i]) : x[i] == y[i] && T.IsNegative(x[i]) == T.IsNegative(y[i]);
            if (!same)
            {
                return i;
            }
        }

        return -1;
    }
}
