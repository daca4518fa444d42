namespace OnnxTransfer.Heads;

/// <summary>What predictions on held-out rows are judged by.</summary>
public enum SelectionMetric
{
    /// <summary>The share predicted right.</summary>
    Accuracy,

    /// <summary>The mean over classes of the share of a class predicted right.</summary>
    BalancedAccuracy,

    /// <summary>The mean over classes of F1 = 2 TP / (2 TP + FP + FN).</summary>
    MacroF1,

    /// <summary>The mean of -log p, p the probability given to the true class; smaller is better.</summary>
    LogLoss,
}

/// <summary>The spelling of <see cref="SelectionMetric"/> on the command line, in JSON and in files.</summary>
public static class SelectionMetricNames
{
    /// <summary>All spellings.</summary>
    public static IReadOnlyList<string> All { get; } = ["accuracy", "balanced-accuracy", "macro-f1", "log-loss"];

    /// <summary>The spelling.</summary>
    public static string ToText(this SelectionMetric metric) => All[(int)metric];

    /// <summary>The metric of a spelling.</summary>
    /// <exception cref="OnnxTransferException"><see cref="FailureKind.Usage"/>: there is none of that name.</exception>
    public static SelectionMetric Parse(string text)
    {
        for (var i = 0; i < All.Count; i++)
        {
            if (All[i] == text)
            {
                return (SelectionMetric)i;
            }
        }

        throw new OnnxTransferException(FailureKind.Usage, $"There is no metric '{text}'; choose one of {string.Join(", ", All)}.");
    }
}
