namespace OnnxTransfer.Heads.Tests;

public class HeldOutScoresTests
{
    [Test]
    public void Every_code_is_scored_by_a_head_that_has_not_seen_it([Values(HeadLoss.SquaredHinge, HeadLoss.Lda)] HeadLoss loss)
    {
        var (codes, truth) = Problems.Make(60, 5, 3, 2);
        var options = new HeadOptions { Loss = loss, C = loss.IsClosedForm() ? null : 0.1, RelativeGap = 1e-2, Seed = 4 };
        var held = HeldOutScores.Of(new CodeView(codes), truth, Problems.Names(3), options, default);
        var folds = Folds.Of(truth, 3, 4, 5, null);
        Assert.That(held.Truth, Is.EqualTo(folds.Order.Select(row => truth[row])));
        for (var fold = 0; fold < folds.Count; fold++)
        {
            var (first, end) = folds.HeldOut(fold);
            int[] others = [.. folds.Order[..first].Concat(folds.Order[end..]).Order()];
            var head = Problems.Train(codes.Select(others), [.. others.Select(row => truth[row])], options);
            var scores = new double[3];
            for (var i = first; i < end; i++)
            {
                head.Scores(codes.Row(folds.Order[i]), scores);
                Assert.That(held.Row(i).ToArray(), Is.EqualTo(scores));
            }
        }
    }

    [Test]
    public void Held_out_predictions_are_those_of_the_choice_of_c_or_of_heads_that_have_not_seen_the_code()
    {
        var (codes, truth) = Problems.Make(61, 5, 3, 2);
        truth[17] = 3;
        string[] names = Problems.Names(4), labels = [.. truth.Select(k => names[k])];
        var chosen = LinearHead.Train(codes, truth, names);
        Assert.That(chosen.HeldOutPredictions(codes, labels), Is.EqualTo(chosen.Selection!.HeldOutPredictions));

        var options = new HeadOptions { C = 0.1 };
        var predictions = LinearHead.Train(codes, truth, names, options).HeldOutPredictions(codes, labels, options);
        var held = HeldOutScores.Of(new CodeView(codes), truth, names, options, default);
        Assert.That(predictions[17], Is.EqualTo(-1));
        for (var i = 0; i < held.Count; i++)
        {
            Assert.That(predictions[held.Rows[i]], Is.EqualTo(First.OfLargest<double>(held.Row(i))));
        }
    }

    [Test]
    public void A_code_that_is_alone_in_its_class_is_never_held_out()
    {
        var (codes, truth) = Problems.Make(31, 4, 2, 3);
        truth[17] = 2;
        var held = HeldOutScores.Of(new CodeView(codes), truth, Problems.Names(3), new() { Loss = HeadLoss.NearestMean }, default);
        Assert.That(held.Count, Is.EqualTo(30));
        Assert.That(held.Truth, Has.None.EqualTo(2));
    }

    [Test]
    public void Heads_of_folds_that_do_not_converge_are_told()
    {
        var (codes, truth) = Problems.Make(60, 5, 3, 2);
        var (names, options) = (Problems.Names(3), new HeadOptions { C = 1e6, MaxPasses = 1 });
        Assert.That(HeldOutScores.Of(new CodeView(codes), truth, names, options, default).Converged, Is.False);
        var head = LinearHead.Train(codes, truth, names, options);
        Sentences.Fails(
            FailureKind.Mathematics,
            () => head.Calibrate(codes, [.. truth.Select(k => names[k])], CalibrationMethod.Temperature, options),
            "did not converge", "calibration");
    }
}
