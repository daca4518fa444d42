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
