namespace OnnxTransfer.Heads.Tests;

public class LinearHeadHeldOutTests
{
    [Test]
    public void Every_code_has_the_scores_of_the_fold_that_held_it_out()
    {
        var (codes, truth) = Problems.Make(60, 5, 3, 2);
        truth[17] = 3;
        string[] labels = [.. truth.Select(static k => $"class {k}")];
        var options = new HeadOptions { C = 0.1, RelativeGap = 1e-2, Seed = 4 };
        var scores = LinearHead.ScoreHeldOut(codes, labels, options);
        var held = HeldOutScores.Of(new CodeView(codes), truth, ["class 0", "class 1", "class 2", "class 3"], options, default);
        Assert.That(held.Rows.Order(), Is.EqualTo(Enumerable.Range(0, 60).Where(static row => row != 17)));
        for (var i = 0; i < held.Count; i++)
        {
            Assert.That(scores.AsSpan(held.Rows[i] * 4, 4).ToArray(), Is.EqualTo(held.Row(i).ToArray()));
        }

        Assert.That(scores[(17 * 4)..(18 * 4)], Is.All.NaN);
    }

    [Test]
    public void A_code_of_weight_0_is_scored_and_not_learned_from()
    {
        var (codes, truth) = Problems.Make(60, 5, 2, 2);
        string[] labels = [.. truth.Select(static k => $"class {k}")];
        var options = new HeadOptions { C = 0.1, SampleWeights = [.. Enumerable.Range(0, 60).Select(static row => row == 30 ? 0.0 : 1)] };
        var scores = LinearHead.ScoreHeldOut(codes, labels, options);
        Assert.That(scores, Is.All.Not.NaN.And.Length.EqualTo(120));
        Assert.That(scores, Is.Not.EqualTo(LinearHead.ScoreHeldOut(codes, labels, options with { SampleWeights = null })));
    }

    [Test]
    public void Bad_codes_are_told()
    {
        var codes = new CodeMatrix(new[] { 1, 2, float.NaN, 4 }, 4, 1);
        Sentences.Fails(FailureKind.Data, () => LinearHead.ScoreHeldOut(codes, ["a", "a", "b", "b"], new HeadOptions { C = 1 }), "Code 2", "NaN");
    }
}
