namespace OnnxTransfer.Heads;

/// <summary>
/// The length of one step: Armijo's rule, or where values are noise the approximate Wolfe rule of Hager and Zhang (2005).
/// Of a length that was too much, a part is tried that lies where the slope is about to change its sign; if that is short,
/// until the slope is no longer steep: beside the kink of a loss that is nearly piecewise linear, a step that merely
/// descends ends before the kink, again and again.
/// </summary>
/// <param name="value">The value at length 0.</param>
/// <param name="slope">The slope at length 0, below 0; otherwise there is no step.</param>
/// <param name="noise">Differences between values below this share of them are rounding errors.</param>
internal struct LineSearch(double value, double slope, double noise)
{
    private const double Shortest = 1e-10;
    private const double SufficientDecrease = 1e-4;
    private const double Steep = 0.5;
    private const double Long = 0.05;
    private const double LeastPart = 0.1;
    private const double NarrowShare = 1e-3;

    private (double Length, double Slope) low = (0, slope);
    private (double Length, double Slope) high = (double.PositiveInfinity, 0);

    /// <summary>The length to try next, or the one that was found.</summary>
    public double Length { get; private set; } = slope < 0 ? 1 : 0;

    /// <summary>Whether <see cref="Length"/> was tried and found good.</summary>
    public bool IsDone { get; private set; }

    /// <summary>Takes the value and the slope at <see cref="Length"/>.</summary>
    public void Try(double next, double nextSlope)
    {
        if (IsDone || Length == 0 || Length == low.Length)
        {
            IsDone = true;
            return;
        }

        if (!Accepts(next, nextSlope))
        {
            high = (Length, nextSlope);
        }
        else if (nextSlope >= Steep * slope || Length >= Long || double.IsInfinity(high.Length))
        {
            IsDone = true;
            return;
        }
        else
        {
            low = (Length, nextSlope);
        }

        Length = Next();
    }

    private readonly double Next()
    {
        if (high.Length < Shortest || (low.Length > 0 && high.Length - low.Length < NarrowShare * low.Length))
        {
            return low.Length;
        }

        var part = low.Slope / (low.Slope - high.Slope);
        return low.Length + ((high.Length - low.Length) * (part >= LeastPart && part <= 1 - LeastPart ? part : 0.5));
    }

    private readonly bool Accepts(double next, double nextSlope) =>
        next <= value + (SufficientDecrease * Length * slope)
        || (next <= value + (noise * Math.Abs(value)) && nextSlope <= -0.8 * slope && nextSlope >= 2 * slope);
}
