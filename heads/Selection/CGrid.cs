namespace OnnxTransfer.Heads;

/// <summary>The C that are tried, ascending.</summary>
/// <remarks>
/// Scaling codes by a is the same as scaling C by a^2, so the grid hangs on the codes: C = 10^(j/2) with C V from about
/// 0.03 to 30,000, V the mean squared distance of a code from the mean code (D where codes are standardised).
/// </remarks>
internal static class CGrid
{
    private const int FirstHalfDecade = -3;
    private const int LastHalfDecade = 9;

    /// <summary>The most C of a grid that hangs on the codes.</summary>
    public const int Length = LastHalfDecade - FirstHalfDecade + 1;

    /// <summary>The index of the first C with C V of about 1.</summary>
    public const int Middle = -FirstHalfDecade;

    /// <summary>The grid of some codes.</summary>
    public static double[] Of(CodeView codes)
    {
        var middle = (int)Math.Round(-2 * Math.Log10(Spread(codes)));
        return [.. Enumerable.Range(FirstHalfDecade, Length).Select(half => Math.Pow(10, (middle + half) / 2.0))];
    }

    /// <summary>The mean squared distance of a code from the mean code; 1 where all are alike.</summary>
    private static double Spread(CodeView codes)
    {
        var (mean, room) = (new double[codes.Columns], codes.Room());
        for (var row = 0; row < codes.Rows; row++)
        {
            VectorArithmetic.AddWidened(codes.Row(row, room), mean);
        }

        foreach (ref var value in mean.AsSpan())
        {
            value /= codes.Rows;
        }

        var sum = 0.0;
        for (var row = 0; row < codes.Rows; row++)
        {
            var code = codes.Row(row, room);
            for (var d = 0; d < code.Length; d++)
            {
                var difference = code[d] - mean[d];
                sum += difference * difference;
            }
        }

        return sum > 0 ? sum / codes.Rows : 1;
    }
}
