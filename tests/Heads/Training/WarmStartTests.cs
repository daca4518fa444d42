namespace OnnxTransfer.Heads.Tests;

public class WarmStartTests
{
    private static readonly Certificate Proof = new(1, 1, 1, 0, true);

    [Test]
    public void Rows_are_matched_by_label_and_new_ones_are_zero()
    {
        var head = new LinearHead(["a", "b"], new double[] { 1, 2, 3, 4, 5, 6 }, 2, HeadLoss.Logistic, 1, Proof);
        Assert.That(WarmStart.Of(head, ["b", "c", "a"], null, []), Is.EqualTo(new double[] { 4, 5, 6, 0, 0, 0, 1, 2, 3 }));
    }

    [Test]
    public void A_class_that_is_gone_leaves_no_sum_where_scores_are_compared([Values(HeadLoss.Softmax, HeadLoss.CrammerSinger)] HeadLoss loss)
    {
        var head = new LinearHead(["a", "b", "c"], new double[] { 3, 0, 1, 4, -4, -4 }, 1, loss, 1, Proof);
        Assert.That(WarmStart.Of(head, ["a", "b"], null, []), Is.EqualTo(new double[] { 1, -2, -1, 2 }));
    }

    [Test]
    public void Zeros_are_no_start()
    {
        var head = new LinearHead(["a", "b"], new double[] { 1, 2, 3, 0, 0, 0 }, 2, HeadLoss.Logistic, 1, Proof);
        Assert.That(WarmStart.Of(head, ["b", "c"], null, []), Is.Null);
    }

    [Test]
    public void What_is_folded_in_is_taken_out()
    {
        var (codes, _) = Problems.Make(40, 3, 2, 5);
        var weights = new double[] { 1, -2, 3, 0.5, -1, 0.25, 2, -3 };
        var head = new LinearHead(["a", "b"], weights, 3, HeadLoss.Logistic, 1, Proof);
        var (centre, standardization) = (Centre.Of(new CodeView(codes)), Standardization.Of(new CodeView(codes), 1));
        var (centred, standardised) = (WarmStart.Of(head, ["a", "b"], null, centre)!, WarmStart.Of(head, ["a", "b"], standardization, [])!);
        Assert.That(centred[3], Is.Not.EqualTo(0.5).Within(0.1));
        Assert.That(standardised[0], Is.Not.EqualTo(1).Within(0.1));
        Centre.FoldInto(centre, centred);
        standardization.FoldInto(standardised);
        Assert.That(centred, Is.EqualTo(weights).Within(1e-12));
        Assert.That(standardised, Is.EqualTo(weights).Within(1e-12));
    }

    [Test]
    public void A_column_that_is_constant_now_goes_into_the_intercept()
    {
        var codes = new CodeMatrix(new float[] { 7, 1, 7, 3 }, 2, 2);
        var head = new LinearHead(["a"], new double[] { 10, 2, 1 }, 2, HeadLoss.Logistic, 1, Proof) { IsMultiLabel = true };
        Assert.That(WarmStart.Of(head, ["a"], Standardization.Of(new CodeView(codes), 1), []), Is.EqualTo(new double[] { 0, 2, 75 }).Within(1e-12));
    }
}
