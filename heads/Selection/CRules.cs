namespace OnnxTransfer.Heads;

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
