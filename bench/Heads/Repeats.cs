using System.Diagnostics;

namespace OnnxTransfer.Bench.Heads;

/// <summary>How often a fit is timed: until the times add up to <see cref="Seconds"/>, five times at most; the fastest counts.</summary>
internal static class Repeats
{
    public const double Seconds = 2;
    public const int Most = 5;

    /// <summary>Times a fit; its last result, the fastest time, and how many were timed.</summary>
    public static (T Result, double Seconds, int Fits) Fastest<T>(Func<T> fit, double seconds = Seconds, int most = Most)
    {
        var (sum, fastest, fits) = (0.0, double.PositiveInfinity, 0);
        while (true)
        {
            var start = Stopwatch.GetTimestamp();
            var result = fit();
            var time = Stopwatch.GetElapsedTime(start).TotalSeconds;
            (sum, fastest, fits) = (sum + time, Math.Min(fastest, time), fits + 1);
            if (sum >= seconds || fits >= most)
            {
                return (result, fastest, fits);
            }
        }
    }
}
