namespace OnnxTransfer.Heads.Tests;

public class RayScaleTests
{
    private const int Rows = 600;
    private const int Columns = 12;
    private const int Classes = 4;
    private static readonly (CodeMatrix Codes, int[] Labels) Problem = Problems.Make(Rows, Columns, Classes, 5);

    [Test]
    public void Weights_that_are_half_as_long_as_the_optimum_are_doubled([Values(HeadLoss.Softmax, HeadLoss.Logistic)] HeadLoss loss)
    {
        var optimum = Optimum(loss);
        double[] half = [.. optimum.Select(static value => value / 2)];
        Scale(loss, half);
        Assert.That(half, Is.EqualTo(optimum).Within(1e-12));
    }

    [Test]
    public void Weights_at_the_optimum_stay([Values(HeadLoss.Softmax, HeadLoss.Logistic)] HeadLoss loss)
    {
        var w = Optimum(loss);
        Scale(loss, w);
        Assert.That(w, Is.EqualTo(Optimum(loss)));
    }

    [Test]
    public void Classes_of_a_one_versus_rest_loss_are_scaled_each_by_its_own_number()
    {
        var optimum = Optimum(HeadLoss.Logistic);
        double[] w = [.. optimum.Select(static (value, i) => i / (Columns + 1) == 1 ? value / 2 : value)];
        Scale(HeadLoss.Logistic, w);
        Assert.That(w, Is.EqualTo(optimum).Within(1e-12));
    }

    [TestCase(true, 0.8)]
    [TestCase(false, 2.5)]
    public void An_intercept_is_shortened_where_it_is_penalised_alone(bool penalizeIntercept, double scale)
    {
        // Every row is of the first class: without a penalty no intercept is too long.
        double[] w = [.. Enumerable.Range(0, 2 * (Columns + 1)).Select(static i => i % (Columns + 1) < Columns ? 0.0 : i == Columns ? 1 : -1)];
        RayScale.Apply(
            new RowSlabs(Problem.Codes, (0, Rows)), LossFunction.Of(HeadLoss.Logistic, new Targets(2, new int[Rows])), penalizeIntercept, 1e-9, w, 2);
        Assert.That((w[Columns], w[^1]), Is.EqualTo((scale, -scale)));
    }

    private static void Scale(HeadLoss loss, double[] w) => RayScale.Apply(
        new RowSlabs(Problem.Codes, (0, Rows)), LossFunction.Of(loss, new Targets(Classes, Problem.Labels)), penalizeIntercept: true, 1, w, 2);

    private static double[] Optimum(HeadLoss loss)
    {
        var slabs = new RowSlabs(Problem.Codes, (0, Rows));
        var options = new HeadOptions { Loss = loss, C = 1, RegularizeIntercept = true, RelativeGap = 1e-6 };
        return HeadSolver.Solve(slabs, slabs, new Targets(Classes, Problem.Labels), 1, options, null, null, default).Weights;
    }
}
