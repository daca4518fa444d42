namespace OnnxTransfer.Cli.Output;

/// <summary>The loss of a training so far as a line of bars, on a logarithmic scale, as wide as the whole training.</summary>
internal sealed class LossCurve
{
    private const int Width = 20;
    private const string Levels = "▁▂▃▄▅▆▇█";
    private readonly double[] logarithms = new double[Width];
    private int known;

    /// <summary>The bars up to an update, whose loss is added; losses that are not above 0 or not finite are left out.</summary>
    /// <param name="update">The update, from 1.</param>
    /// <param name="updates">All updates.</param>
    /// <param name="loss">Its loss.</param>
    public string After(long update, long updates, double loss)
    {
        var logarithm = Math.Log(loss);
        if (double.IsFinite(logarithm))
        {
            // Cells that were passed over between two reports are as the later one.
            var cell = (int)Math.Clamp((update - 1) * Width / Math.Max(updates, 1), 0, Width - 1);
            Array.Fill(logarithms, logarithm, Math.Min(known, cell), Math.Max(cell + 1 - known, 1));
            known = Math.Max(known, cell + 1);
        }

        var seen = logarithms.AsSpan(0, known).ToArray();
        var (low, high) = (seen.DefaultIfEmpty().Min(), seen.DefaultIfEmpty().Max());
        return string.Concat(seen.Select(value => Levels[high > low ? (int)Math.Round((value - low) / (high - low) * (Levels.Length - 1)) : 0])).PadRight(Width);
    }
}
