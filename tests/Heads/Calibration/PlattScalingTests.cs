namespace OnnxTransfer.Heads.Tests;

public class PlattScalingTests
{
    [Test]
    public void The_gradient_is_zero_to_the_last_digits([Values(1, 2, 3, 4)] int seed, [Values(1e-50, 1, 1e50)] double scale)
    {
        var (scores, own) = Scores(seed, 300);
        scores = Array.ConvertAll(scores, score => scale * (score + 5));
        var (a, b) = PlattScaling.Fit(scores, i => own[i]);
        var positive = own.Count(static isOwn => isOwn);
        var (slopeA, slopeB) = (0.0, 0.0);
        for (var i = 0; i < scores.Length; i++)
        {
            var target = own[i] ? (positive + 1.0) / (positive + 2.0) : 1.0 / (scores.Length - positive + 2.0);
            var difference = (1 / (1 + Math.Exp(-(a * scores[i]) - b))) - target;
            slopeA += difference * scores[i] / scale;
            slopeB += difference;
        }

        Assert.That(a, Is.GreaterThan(0));
        Assert.That(slopeA, Is.Zero.Within(1e-9));
        Assert.That(slopeB, Is.Zero.Within(1e-10));
    }

    [Test]
    public void Scikit_learn_finds_the_same_sigmoid()
    {
        if (!Python.Has("sklearn"))
        {
            Assert.Ignore("needs Python with scikit-learn");
        }

        var (scores, own) = Scores(5, 100);
        var said = Python.Run(
            """
            import sys, numpy as np
            from sklearn.calibration import _sigmoid_calibration
            print(*_sigmoid_calibration(np.array(sys.argv[1].split(), float), np.array(sys.argv[2].split(), int)))
            """,
            string.Join(' ', scores.Select(score => score.ToString("R"))), string.Join(' ', own.Select(isOwn => isOwn ? 1 : 0)))
            .Split(' ').Select(double.Parse).ToArray();
        var (a, b) = PlattScaling.Fit(scores, i => own[i]);
        Assert.That((double[])[a, b], Is.EqualTo(said.Select(static value => -value)).Within(1e-3));
    }

    [Test]
    public void A_class_without_an_error_has_finite_numbers_and_probabilities_near_the_targets()
    {
        double[] scores = [.. Enumerable.Range(0, 20).Select(i => i < 8 ? 1.0 + i : -1.0 - i)];
        var (a, b) = PlattScaling.Fit(scores, i => i < 8);
        var probabilities = scores.Select(score => 1 / (1 + Math.Exp(-(a * score) - b))).ToArray();
        Assert.That(a, Is.InRange(0.1, 100));
        Assert.That(probabilities[..8].Average(), Is.EqualTo(0.9).Within(0.05));
        Assert.That(probabilities[8..].Average(), Is.EqualTo(1 / 14.0).Within(0.05));
    }

    [Test]
    public void A_score_that_is_the_same_for_all_codes_gives_the_share_of_the_class()
    {
        var (a, b) = PlattScaling.Fit([2, 2, 2, 2, 2, 2], i => i < 2);
        Assert.That(a, Is.Zero);
        Assert.That(1 / (1 + Math.Exp(-b)), Is.EqualTo(((2 * 3 / 4.0) + (4 / 6.0)) / 6).Within(1e-15));
    }

    [Test]
    public void A_class_that_is_never_held_out_is_fitted_by_all_pairs_of_codes_and_classes()
    {
        var held = TemperatureScalingTests.Held(2, 40, 3);
        var two = new HeldOutScores(held.Scores, Array.ConvertAll(held.Truth, static k => k == 2 ? 1 : k), 3);
        var (scales, shifts) = PlattScaling.Of(two, 2);
        var all = PlattScaling.Fit(two.Scores, pair => two.Truth[pair / 3] == pair % 3);
        var first = PlattScaling.Fit([.. Enumerable.Range(0, 40).Select(i => two.Row(i)[0])], i => two.Truth[i] == 0);
        Assert.That((scales[2], shifts[2]), Is.EqualTo(all));
        Assert.That((scales[0], shifts[0]), Is.EqualTo(first));
    }

    [Test]
    public void A_class_that_is_all_that_is_held_out_is_fitted_so_too()
    {
        var held = new HeldOutScores([2, 1, 1.5, 0, 1, 2], [0, 0, 0], 2);
        var (scales, shifts) = PlattScaling.Of(held, 1);
        var all = PlattScaling.Fit(held.Scores, static pair => pair % 2 == 0);
        Assert.That((scales[0], shifts[0]), Is.EqualTo(all));
        Assert.That((scales[1], shifts[1]), Is.EqualTo(all));
    }

    private static (double[] Scores, bool[] Own) Scores(int seed, int codes)
    {
        var random = new Random(seed);
        var own = Enumerable.Range(0, codes).Select(i => i % 4 == 0).ToArray();
        return ([.. own.Select(isOwn => (2 * random.NextDouble()) - (isOwn ? 0 : 1))], own);
    }
}
