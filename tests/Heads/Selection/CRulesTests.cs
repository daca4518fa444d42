namespace OnnxTransfer.Heads.Tests;

public class CRulesTests
{
    private static readonly CCandidate[] Rising = [Of(1, 0.70), Of(10, 0.78), Of(100, 0.80), Of(1000, 0.80)];

    private static CCandidate Of(double c, double score, double error = 0.02) =>
        new(c, score, default) { Score = score, StandardError = error };

    [TestCase(SelectionMetric.Accuracy, SelectionRule.Best, 2)]
    [TestCase(SelectionMetric.MacroF1, SelectionRule.Best, 2)]
    [TestCase(SelectionMetric.Accuracy, SelectionRule.OneStandardError, 1)]
    [TestCase(SelectionMetric.LogLoss, SelectionRule.Best, 0)]
    [TestCase(SelectionMetric.LogLoss, SelectionRule.OneStandardError, 0)]
    public void The_smallest_of_equals_and_the_smallest_within_one_standard_error(SelectionMetric metric, SelectionRule rule, int chosen) =>
        Assert.That(CRules.Choose(Rising, metric, rule), Is.EqualTo(chosen));

    [Test]
    public void The_standard_error_is_that_of_the_best()
    {
        CCandidate[] candidates = [Of(1, 0.5, 9), Of(2, 0.79, 9), Of(3, 0.8, 0.005)];
        Assert.That(CRules.Choose(candidates, SelectionMetric.Accuracy, SelectionRule.OneStandardError), Is.EqualTo(2));
        candidates[2] = candidates[2] with { StandardError = 0.011 };
        Assert.That(CRules.Choose(candidates, SelectionMetric.Accuracy, SelectionRule.OneStandardError), Is.EqualTo(1));
    }

    [Test]
    public void Smaller_losses_are_better()
    {
        CCandidate[] candidates = [Of(1, 0.9), Of(2, 0.41), Of(3, 0.40), Of(4, 0.6)];
        Assert.That(CRules.Choose(candidates, SelectionMetric.LogLoss, SelectionRule.Best), Is.EqualTo(2));
        Assert.That(CRules.Choose(candidates, SelectionMetric.LogLoss, SelectionRule.OneStandardError), Is.EqualTo(1));
    }

    [Test]
    public void Rounding_makes_nothing_better()
    {
        CCandidate[] candidates = [Of(1, 0.1 + 0.2), Of(2, 0.3), Of(3, 0.1 + 0.2 + 1e-15)];
        Assert.That(CRules.Choose(candidates, SelectionMetric.Accuracy, SelectionRule.Best), Is.Zero);
    }

    [Test]
    public void Names_are_read_as_they_are_written()
    {
        Assert.That(Enum.GetValues<SelectionRule>().Select(static of => SelectionRuleNames.Parse(of.ToText())), Is.EqualTo(Enum.GetValues<SelectionRule>()));
        Assert.That(
            Enum.GetValues<SelectionMetric>().Select(static of => SelectionMetricNames.Parse(of.ToText())), Is.EqualTo(Enum.GetValues<SelectionMetric>()));
        Sentences.Fails(FailureKind.Usage, () => SelectionMetricNames.Parse("f1"), "'f1'", "macro-f1");
        Sentences.Fails(FailureKind.Usage, () => SelectionRuleNames.Parse("worst"), "'worst'", "one-standard-error");
    }
}
