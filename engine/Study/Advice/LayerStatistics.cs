using OnnxTransfer.Engine;
using OnnxTransfer.Heads;

namespace OnnxTransfer.Study;

/// <summary>What is known of the codes of one layer over a set of images: nothing but the mean and the variance of each number.</summary>
/// <param name="Tap">The layer's tensor.</param>
/// <param name="Pooling">How its positions are pooled.</param>
/// <param name="Mean">D numbers.</param>
/// <param name="Variance">D numbers, at least 0.</param>
public sealed record LayerStatistics(string Tap, Pooling Pooling, IReadOnlyList<double> Mean, IReadOnlyList<double> Variance)
{
    /// <summary>"name|avg": how sentences call the layer.</summary>
    public string Key => $"{Tap}|{Pooling.ToText()}";

    /// <summary>The statistics of codes, in float64, row after row.</summary>
    public static LayerStatistics Of(CodeColumn column, CodeMatrix codes)
    {
        ArgumentNullException.ThrowIfNull(column);
        ArgumentNullException.ThrowIfNull(codes);
        var (mean, variance) = (new double[codes.Columns], new double[codes.Columns]);
        for (var row = 0; row < codes.Rows; row++)
        {
            // Welford's update (1962): one reading, and no loss of digits where the mean is large.
            var code = codes.Row(row);
            for (var j = 0; j < mean.Length; j++)
            {
                var from = code[j] - mean[j];
                mean[j] += from / (row + 1);
                variance[j] += from * (code[j] - mean[j]);
            }
        }

        return new LayerStatistics(column.Tap, column.Pooling, mean, Array.ConvertAll(variance, sum => sum / codes.Rows));
    }
}
