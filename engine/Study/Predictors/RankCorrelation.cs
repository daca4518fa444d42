namespace OnnxTransfer.Study;

/// <summary>Whether two measures put the same things in the same order.</summary>
public static class RankCorrelation
{
    /// <summary>
    /// Kendall's tau-b (1945): (P - Q) / sqrt((P + Q + T)(P + Q + U)) over all pairs, of which P are in the same order by both, Q in
    /// opposite orders, T tied in the first alone and U in the second alone. 1: the same order, -1: the opposite one. Null where
    /// one of the two has nothing but ties, or there is no pair.
    /// </summary>
    /// <exception cref="ArgumentException">Not as many of the one as of the other.</exception>
    public static double? TauB(IReadOnlyList<double> one, IReadOnlyList<double> other)
    {
        ArgumentNullException.ThrowIfNull(one);
        ArgumentNullException.ThrowIfNull(other);
        if (one.Count != other.Count)
        {
            throw new ArgumentException($"There are {one.Count} of the one and {other.Count} of the other.", nameof(other));
        }

        long balance = 0, untiedInOne = 0, untiedInOther = 0;
        for (var i = 0; i < one.Count; i++)
        {
            for (var j = 0; j < i; j++)
            {
                var (first, second) = (one[i].CompareTo(one[j]), other[i].CompareTo(other[j]));
                balance += first * second;
                untiedInOne += first * first;
                untiedInOther += second * second;
            }
        }

        return untiedInOne == 0 || untiedInOther == 0 ? null : balance / Math.Sqrt((double)untiedInOne * untiedInOther);
    }
}
