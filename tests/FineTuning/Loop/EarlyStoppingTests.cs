namespace OnnxTransfer.FineTuning.Tests;

public sealed class EarlyStoppingTests
{
    [Test]
    public void Training_ends_after_as_many_epochs_without_a_better_accuracy_as_are_borne() =>
        Assert.That(EpochsOf(new EarlyStopping(2), (0.5, 1), (0.6, 1), (0.6, 1), (0.55, 0.5), (0.9, 1)), Is.EqualTo((4, 0.6, 1)));

    [Test]
    public void A_better_accuracy_starts_the_count_anew() =>
        Assert.That(EpochsOf(new EarlyStopping(2), (0.5, 1), (0.4, 1), (0.6, 1), (0.5, 1), (0.7, 1)), Is.EqualTo((5, 0.7, 4)));

    [Test]
    public void Of_equal_accuracies_the_lower_loss_is_better() =>
        Assert.That(EpochsOf(new EarlyStopping(2), (1, 0.3), (1, 0.2), (1, 0.25), (0.9, 0.1)), Is.EqualTo((4, 1.0, 1)));

    [Test]
    public void An_accuracy_that_is_no_number_is_never_the_best() =>
        Assert.That(EpochsOf(new EarlyStopping(3), (double.NaN, 1), (0.1, 1), (double.NaN, 0)), Is.EqualTo((3, 0.1, 1)));

    [Test]
    public void A_loss_that_is_no_number_breaks_no_tie() =>
        Assert.That(EpochsOf(new EarlyStopping(3), (0.5, 1), (0.5, double.NaN), (0.5, 2)), Is.EqualTo((3, 0.5, 0)));

    [Test]
    public void The_start_is_the_best_until_an_epoch_is_better()
    {
        var start = BestValidation.None.After(BestValidation.Start, 0.8, 1);
        Assert.Multiple(() =>
        {
            Assert.That((BestValidation.None.IsKnown, start.IsKnown), Is.EqualTo((false, true)));
            Assert.That(start.After(0, 0.7, 0.5), Is.EqualTo(start with { Waited = 1 }));
            Assert.That(start.After(0, 0.7, 0.5).After(1, 0.9, 1), Is.EqualTo(new BestValidation(0.9, 1, 1, 0)));
        });
    }

    [Test]
    public void Without_patience_training_never_ends_early() =>
        Assert.That(EpochsOf(new EarlyStopping(0), (0.9, 1), (0.1, 1), (0.1, 1), (0.1, 1)), Is.EqualTo((4, 0.9, 0)));

    private static (int Epochs, double Accuracy, int Best) EpochsOf(EarlyStopping rule, params (double Accuracy, double Loss)[] validations)
    {
        var best = BestValidation.None;
        for (var epoch = 0; epoch < validations.Length; epoch++)
        {
            best = best.After(epoch, validations[epoch].Accuracy, validations[epoch].Loss);
            if (rule.IsOver(best))
            {
                return (epoch + 1, best.Accuracy, best.Epoch);
            }
        }

        return (validations.Length, best.Accuracy, best.Epoch);
    }
}
