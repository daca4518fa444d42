namespace OnnxTransfer.FineTuning.Tests;

public sealed class EarlyStoppingTests
{
    [Test]
    public void Training_ends_after_as_many_epochs_without_a_better_metric_as_are_borne() =>
        Assert.That(EpochsOf(new EarlyStopping(2, 0, true), 0.5, 0.6, 0.6, 0.55, 0.9), Is.EqualTo((4, 0.6, 1)));

    [Test]
    public void A_better_metric_starts_the_count_anew() =>
        Assert.That(EpochsOf(new EarlyStopping(2, 0, true), 0.5, 0.4, 0.6, 0.5, 0.7), Is.EqualTo((5, 0.7, 4)));

    [Test]
    public void A_loss_is_better_when_it_is_lower() =>
        Assert.That(EpochsOf(new EarlyStopping(2, 0, false), 2, 1, 1.5, 1, 0.1), Is.EqualTo((4, 1.0, 1)));

    [Test]
    public void A_gain_that_is_too_small_does_not_count() =>
        Assert.That(EpochsOf(new EarlyStopping(2, 0.01, true), 0.5, 0.505, 0.509, 0.9), Is.EqualTo((3, 0.5, 0)));

    [Test]
    public void A_metric_that_is_no_number_is_never_the_best() =>
        Assert.That(EpochsOf(new EarlyStopping(3, 0, true), double.NaN, 0.1, double.NaN), Is.EqualTo((3, 0.1, 1)));

    [Test]
    public void Without_patience_training_never_ends_early() =>
        Assert.That(EpochsOf(new EarlyStopping(0, 0, true), 0.9, 0.1, 0.1, 0.1), Is.EqualTo((4, 0.9, 0)));

    private static (int Epochs, double Best, int BestEpoch) EpochsOf(EarlyStopping rule, params double[] metrics)
    {
        var best = BestMetric.None;
        for (var epoch = 0; epoch < metrics.Length; epoch++)
        {
            best = rule.After(best, epoch, metrics[epoch]);
            if (rule.IsOver(best))
            {
                return (epoch + 1, best.Best, best.BestEpoch);
            }
        }

        return (metrics.Length, best.Best, best.BestEpoch);
    }
}
