using CsCheck;

namespace OnnxTransfer.Heads.Tests;

public class TemperatureScalingTests
{
    [Test]
    public void Slope_and_curvature_of_the_log_loss_are_central_differences() => Gen.Int[0, 1000].Sample(seed =>
    {
        var held = Held(seed, 50, 4);
        var inverse = 0.2 + (seed / 1000.0);
        const double Step = 1e-5;
        var (before, here, after) = (
            TemperatureScaling.LogLoss(held, inverse - Step),
            TemperatureScaling.LogLoss(held, inverse),
            TemperatureScaling.LogLoss(held, inverse + Step));
        Assert.That(here.Slope, Is.EqualTo((after.Loss - before.Loss) / (2 * Step)).Within(1e-6));
        Assert.That(here.Curvature, Is.EqualTo((after.Slope - before.Slope) / (2 * Step)).Within(1e-6));
    });

    [Test]
    public void The_slope_is_zero_to_the_last_digits() => Gen.Select(Gen.Int[0, 1000], Gen.Int[2, 9]).Sample((seed, classes) =>
    {
        var held = Held(seed, 80, classes);
        var inverse = 1 / TemperatureScaling.Of(held);
        var (_, slope, curvature) = TemperatureScaling.LogLoss(held, inverse);
        Assert.That(Math.Abs(slope / (curvature * inverse)), Is.LessThan(1e-13));
    });

    [Test]
    public void The_temperature_has_the_unit_of_the_scores([Values(1e-60, 1e-3, 7, 1e60)] double scale)
    {
        var held = Held(3, 200, 5);
        var scaled = held with { Scores = Array.ConvertAll(held.Scores, score => scale * score) };
        Assert.That(TemperatureScaling.Of(scaled) / scale, Is.EqualTo(TemperatureScaling.Of(held)).Within(1e-12).Percent);
    }

    [Test]
    public void A_number_added_to_all_scores_of_a_code_changes_nothing()
    {
        var held = Held(4, 200, 5);
        var shifted = held with { Scores = [.. held.Scores.Select((score, i) => score + (i / 5))] };
        Assert.That(TemperatureScaling.Of(shifted), Is.EqualTo(TemperatureScaling.Of(held)).Within(1e-10).Percent);
    }

    [Test]
    public void SciPy_finds_the_same_temperature()
    {
        if (!Python.Has("scipy"))
        {
            Assert.Ignore("needs Python with SciPy");
        }

        var held = Held(5, 60, 3);
        var said = Python.Run(
            """
            import sys, numpy as np
            from scipy.optimize import minimize_scalar
            from scipy.special import logsumexp
            s = np.array(sys.argv[1].split(), float).reshape(-1, 3); y = np.array(sys.argv[2].split(), int)
            loss = lambda u: (logsumexp(s * np.exp(-u), axis=1) - s[np.arange(len(y)), y] * np.exp(-u)).sum()
            print(np.exp(minimize_scalar(loss, bracket=(-1, 1), tol=1e-12).x))
            """,
            string.Join(' ', held.Scores.Select(score => score.ToString("R"))), string.Join(' ', held.Truth));
        Assert.That(TemperatureScaling.Of(held), Is.EqualTo(double.Parse(said)).Within(1e-4).Percent);
    }

    [Test]
    public void Without_an_error_the_mean_log_loss_is_that_of_the_rule_of_succession([Values(1, 10, 1000)] int codes)
    {
        var random = new Random(codes);
        var truth = Enumerable.Range(0, codes).Select(_ => random.Next(3)).ToArray();
        var scores = truth.SelectMany(own => Enumerable.Range(0, 3).Select(k => k == own ? 1 + random.NextDouble() : random.NextDouble())).ToArray();
        var held = new HeldOutScores(scores, truth, 3);
        var loss = TemperatureScaling.LogLoss(held, 1 / TemperatureScaling.Of(held)).Loss;
        Assert.That(loss / codes, Is.EqualTo(Math.Log((codes + 2.0) / (codes + 1.0))).Within(1e-9).Percent);
    }

    [Test]
    public void Ties_for_the_first_place_are_no_error()
    {
        var held = new HeldOutScores([2, 2, 0, 0, 3, 0], [0, 1], 3);
        var loss = TemperatureScaling.LogLoss(held, 1 / TemperatureScaling.Of(held)).Loss;
        Assert.That(loss, Is.EqualTo(Math.Log(2) + (2 * Math.Log(4.0 / 3))).Within(1e-12));
    }

    [Test]
    public void Scores_that_are_equal_for_all_classes_have_temperature_1() =>
        Assert.That(TemperatureScaling.Of(new HeldOutScores([5, 5, -2, -2], [0, 1], 2)), Is.EqualTo(1));

    [Test]
    public void Scores_no_better_than_chance_have_a_temperature_that_is_high_and_finite() =>
        Assert.That(TemperatureScaling.Of(new HeldOutScores([3, 1, 0, 1], [1, 0], 2)), Is.EqualTo(2000).Within(1e-9).Percent);

    /// <summary>Scores that are right more often than not, and not always.</summary>
    internal static HeldOutScores Held(int seed, int codes, int classes)
    {
        var random = new Random(seed);
        var truth = Enumerable.Range(0, codes).Select(i => i < classes ? i : random.Next(classes)).ToArray();
        var scores = truth.SelectMany(own => Enumerable.Range(0, classes).Select(k => (3 * random.NextDouble()) + (k == own ? 1 : 0))).ToArray();
        return new HeldOutScores(scores, truth, classes);
    }
}
