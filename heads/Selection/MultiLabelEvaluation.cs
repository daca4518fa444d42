namespace OnnxTransfer.Heads;

/// <summary>Predicted sets of labels against the true ones.</summary>
/// <param name="PerLabel">Each label, in the head's order.</param>
public sealed record MultiLabelEvaluation(IReadOnlyList<LabelEvaluation> PerLabel)
{
    /// <summary>The share of all decisions, one per code and label, that are right (1 less the Hamming loss).</summary>
    public double Accuracy => PerLabel.Average(static of => of.Accuracy);

    /// <summary>2 TP / (2 TP + FP + FN), each summed over the labels; NaN where no label occurs or is predicted.</summary>
    public double MicroF1 => LabelEvaluation.Share(
        PerLabel.Sum(static of => (long)of.TruePositives), PerLabel.Sum(static of => (long)of.FalsePositives), PerLabel.Sum(static of => (long)of.FalseNegatives));

    /// <summary>The mean of F1 over the labels that occur or are predicted; NaN where there is none.</summary>
    public double MacroF1 => PerLabel.Select(static of => of.F1).Where(static f => !double.IsNaN(f)).DefaultIfEmpty(double.NaN).Average();

    /// <summary>Counts.</summary>
    internal static MultiLabelEvaluation Of(IReadOnlyList<string> labels, IReadOnlySet<string>[] truth, int[][] predicted)
    {
        var (hits, alarms, misses) = (new int[labels.Count], new int[labels.Count], new int[labels.Count]);
        for (var i = 0; i < truth.Length; i++)
        {
            var says = predicted[i].ToHashSet();
            for (var k = 0; k < labels.Count; k++)
            {
                var (isTrue, isSaid) = (truth[i].Contains(labels[k]), says.Contains(k));
                hits[k] += isTrue && isSaid ? 1 : 0;
                alarms[k] += !isTrue && isSaid ? 1 : 0;
                misses[k] += isTrue && !isSaid ? 1 : 0;
            }
        }

        return new MultiLabelEvaluation([.. labels.Select((label, k) => new LabelEvaluation(label, truth.Length, hits[k], alarms[k], misses[k]))]);
    }
}

/// <summary>One label: whether each code has it, as predicted and in truth.</summary>
/// <param name="Label">The label.</param>
/// <param name="Images">All codes.</param>
/// <param name="TruePositives">Codes that have it and are said to.</param>
/// <param name="FalsePositives">Codes that do not have it and are said to.</param>
/// <param name="FalseNegatives">Codes that have it and are not said to.</param>
public sealed record LabelEvaluation(string Label, int Images, int TruePositives, int FalsePositives, int FalseNegatives)
{
    /// <summary>The share of codes that are decided right.</summary>
    public double Accuracy => 1 - ((double)(FalsePositives + FalseNegatives) / Images);

    /// <summary>2 TP / (2 TP + FP + FN); NaN where the label neither occurs nor is predicted.</summary>
    public double F1 => Share(TruePositives, FalsePositives, FalseNegatives);

    internal static double Share(long hits, long alarms, long misses) => 2.0 * hits / ((2 * hits) + alarms + misses);
}
