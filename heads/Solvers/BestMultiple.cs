namespace OnnxTransfer.Heads;

/// <summary>The best multiple of Crammer and Singer's weights: a problem of one unknown, for margins grow with it.</summary>
internal static class BestMultiple
{
    private const double Largest = 2;
    private const int Bisections = 40;

    /// <summary>The t at which t times the weights is best, t^2 penalty + C sum_i w_i max(0, 1 - t margin_i), and what it gives.</summary>
    /// <param name="penalty">Half the squared norm of the weights.</param>
    /// <param name="margins">By how much each row's true class is above all others.</param>
    /// <param name="targets">What is true of the rows.</param>
    /// <param name="c">C.</param>
    public static (double Multiple, double Value) Of(double penalty, double[] margins, Targets targets, double c)
    {
        (double Slope, double Value) At(double t)
        {
            var (slope, value) = (2 * t * penalty, t * t * penalty);
            for (var row = 0; row < margins.Length; row++)
            {
                var open = 1 - (t * margins[row]);
                if (open > 0)
                {
                    slope -= c * targets.Weight(row) * margins[row];
                    value += c * targets.Weight(row) * open;
                }
            }

            return (slope, value);
        }

        var (low, high) = (0.0, Largest);
        for (var i = 0; i < Bisections; i++)
        {
            var t = (low + high) / 2;
            (low, high) = At(t).Slope > 0 ? (low, t) : (t, high);
        }

        return (high, At(high).Value);
    }
}
