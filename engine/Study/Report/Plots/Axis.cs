namespace OnnxTransfer.Study;

/// <summary>A linear axis with round ticks.</summary>
/// <param name="Low">The value at its beginning.</param>
/// <param name="High">The value at its end.</param>
/// <param name="Step">From tick to tick.</param>
internal sealed record Axis(double Low, double High, double Step)
{
    private const int Ticks = 5;

    /// <summary>The axis that holds some values, from round number to round number, within limits.</summary>
    public static Axis Of(IEnumerable<double> values, double least, double most)
    {
        double[] all = [.. values];
        var (low, high) = (Math.Max(least, all.Min()), Math.Min(most, all.Max()));
        var raw = Math.Max(high - low, 1e-9 * Math.Max(1, Math.Abs(high))) / Ticks;
        var power = Math.Pow(10, Math.Floor(Math.Log10(raw)));
        var step = power * new[] { 1.0, 2, 5, 10 }.First(factor => factor * power >= raw * 0.999999);
        var (first, last) = (Math.Floor((low / step) + 1e-9) * step, Math.Ceiling((high / step) - 1e-9) * step);
        return new Axis(Math.Max(least, first), Math.Min(most, Math.Max(last, first + step)), step);
    }

    /// <summary>The ticks, ascending.</summary>
    public IEnumerable<double> At()
    {
        for (var k = Math.Ceiling((Low / Step) - 1e-9) + 0.0; k * Step <= High + (1e-9 * Step); k++)
        {
            yield return k * Step;
        }
    }

    /// <summary>Where a value lies, 0 at the beginning and 1 at the end.</summary>
    public double Share(double value) => (value - Low) / (High - Low);

    /// <summary>Decimal places that tell ticks apart.</summary>
    public int Digits => Math.Max(0, (int)Math.Ceiling(-Math.Log10(Step) - 1e-9));
}
