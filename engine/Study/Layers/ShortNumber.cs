using System.Globalization;

namespace OnnxTransfer.Study;

/// <summary>Megabytes and milliseconds as people read them: one digit behind the point, and below 1 as many as make two that count.</summary>
public static class ShortNumber
{
    private const int MostDigits = 9;

    /// <summary>"63.7", "0.32", "0.041".</summary>
    public static string Of(double value) => value.ToString($"F{Digits(value)}", CultureInfo.InvariantCulture);

    /// <summary>The same, rounded up: a limit of so much is enough for the value.</summary>
    public static string Enough(double value)
    {
        var scale = Math.Pow(10, Digits(value));
        return Of(Math.Ceiling(value * scale) / scale);
    }

    private static int Digits(double value) => value > 0 ? Math.Clamp(1 - (int)Math.Floor(Math.Log10(value)), 1, MostDigits) : 1;
}
