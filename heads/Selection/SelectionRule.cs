namespace OnnxTransfer.Heads;

/// <summary>Which C of those tried is taken.</summary>
public enum SelectionRule
{
    /// <summary>The best mean over the folds, and of equals the smallest C.</summary>
    Best,

    /// <summary>
    /// The smallest C whose mean over the folds is within one standard error of the best one's (Breiman, Friedman, Olshen
    /// and Stone, 1984; Hastie, Tibshirani and Friedman, 2009, section 7.10).
    /// </summary>
    OneStandardError,
}

/// <summary>The spelling of <see cref="SelectionRule"/> in JSON and in files.</summary>
public static class SelectionRuleNames
{
    /// <summary>The spelling: <c>best</c>, <c>one-standard-error</c>.</summary>
    public static string ToText(this SelectionRule rule) => rule == SelectionRule.OneStandardError ? "one-standard-error" : "best";

    /// <summary>The rule of a spelling.</summary>
    /// <exception cref="OnnxTransferException"><see cref="FailureKind.Usage"/>: there is none of that name.</exception>
    public static SelectionRule Parse(string text) => text switch
    {
        "best" => SelectionRule.Best,
        "one-standard-error" => SelectionRule.OneStandardError,
        _ => throw new OnnxTransferException(FailureKind.Usage, $"There is no rule '{text}'; choose one of best, one-standard-error."),
    };
}

/// <summary>The rules at work.</summary>
internal static class CRules
{
    // Means of the same numbers in another order differ by rounding, and such a difference is none.
    private const double Rounding = 1e-12;

    /// <summary>The index of the candidate that a rule takes; candidates come with C ascending.</summary>
    public static int Choose(IReadOnlyList<CCandidate> candidates, SelectionMetric metric, SelectionRule rule)
    {
        double Gain(CCandidate candidate) => metric == SelectionMetric.LogLoss ? -candidate.Score : candidate.Score;
        var best = 0;
        for (var i = 1; i < candidates.Count; i++)
        {
            best = Gain(candidates[i]) > Gain(candidates[best]) + Slack(candidates[best]) ? i : best;
        }

        if (rule == SelectionRule.Best)
        {
            return best;
        }

        var enough = Gain(candidates[best]) - candidates[best].StandardError - Slack(candidates[best]);
        var smallest = 0;
        while (Gain(candidates[smallest]) < enough)
        {
            smallest++;
        }

        return smallest;
    }

    private static double Slack(CCandidate candidate) => Rounding * Math.Max(1, Math.Abs(candidate.Score));
}
