namespace OnnxTransfer.Heads.Tests;

public class DualCertificateTests
{
    private const int Rows = 230;
    private const int Columns = 5;
    private const int Classes = 3;
    private const int Width = Columns + 1;
    private const double C = 0.4;

    private static readonly (CodeMatrix Codes, int[] Truth) Problem = Problems.Make(Rows, Columns, Classes, 11);
    private static readonly Targets Targets = new(Classes, Problem.Truth);
    private static readonly double[] Weights = Numbers(Classes * Width, 3);

    [Test]
    public void The_objective_and_the_bound_are_those_of_plain_loops(
        [Values(HeadLoss.Softmax, HeadLoss.SquaredHinge, HeadLoss.Logistic, HeadLoss.Ridge)] HeadLoss kind, [Values] bool penalizeIntercept, [Values(1, 3)] int threads)
    {
        var (loss, w) = (LossFunction.Of(kind, Targets), (double[])Weights.Clone());
        var (objective, bound) = DualCertificate.Of<double>(Slabs(), loss, penalizeIntercept, C, w, null, null, threads, default);
        var slopes = SlopesAt(loss, w);
        Assert.That(objective, Is.EqualTo(Problems.Objective(Problem.Codes, Problem.Truth, kind, C, w, penalizeIntercept)).Within(1e-9).Percent);
        Assert.That(bound, Is.EqualTo(Bound(loss, slopes, penalizeIntercept)).Within(1e-7).Percent);
        Assert.That(bound, Is.LessThan(objective));
        for (var k = 0; k < Classes; k++)
        {
            Assert.That(w[(k * Width)..((k * Width) + Columns)], Is.EqualTo(Weights[(k * Width)..((k * Width) + Columns)]));
            Assert.That(w[(k * Width) + Columns] == Weights[(k * Width) + Columns], Is.EqualTo(penalizeIntercept));
            Assert.That(penalizeIntercept ? 0 : Enumerable.Range(0, Rows).Sum(i => slopes[(i * Classes) + k]), Is.Zero.Within(1e-7));
        }
    }

    [Test]
    public void Slopes_that_are_given_prove_what_they_do_and_stay(
        [Values(HeadLoss.Hinge, HeadLoss.CrammerSinger)] HeadLoss kind, [Values] bool penalizeIntercept)
    {
        var (loss, w) = (LossFunction.Of(kind, Targets), (double[])Weights.Clone());
        var given = Array.ConvertAll(SlopesAt(loss, Numbers(Classes * Width, 4)), static slope => (float)(0.5 * slope));
        var multipliers = (float[])given.Clone();
        var (objective, bound) = DualCertificate.Of<double>(Slabs(), loss, penalizeIntercept, C, w, null, multipliers, 2, default);
        var balanced = new DualPoint(Array.ConvertAll(given, static slope => (double)slope), Targets);
        if (!penalizeIntercept)
        {
            loss.Balance(balanced);
        }

        Assert.That(objective, Is.EqualTo(Problems.Objective(Problem.Codes, Problem.Truth, kind, C, w, penalizeIntercept)).Within(1e-9).Percent);
        Assert.That(bound, Is.EqualTo(Bound(loss, balanced.Slopes, penalizeIntercept)).Within(1e-9).Percent);
        Assert.That((w, multipliers), Is.EqualTo((Weights, given)));
    }

    [Test]
    public void Slopes_of_a_smoothed_loss_are_taken_at_its_best_intercepts_and_kept(
        [Values(HeadLoss.Hinge, HeadLoss.CrammerSinger)] HeadLoss kind, [Values] bool penalizeIntercept)
    {
        var (loss, w, multipliers) = (LossFunction.Of(kind, Targets), (double[])Weights.Clone(), new float[Rows * Classes]);
        var smoothed = kind == HeadLoss.Hinge
            ? HingeLoss.Smoothed(Targets, new float[Rows * Classes], 0.5)
            : CrammerSingerLoss.Smoothed(Targets, new float[Rows * Classes], 0.5);
        var (objective, bound) = DualCertificate.Of<double>(Slabs(), loss, penalizeIntercept, C, w, smoothed, multipliers, 2, default);
        var slopes = SlopesAt(smoothed, w);
        Assert.That(objective, Is.EqualTo(Problems.Objective(Problem.Codes, Problem.Truth, kind, C, w, penalizeIntercept)).Within(1e-9).Percent);
        Assert.That(bound, Is.EqualTo(Bound(loss, slopes, penalizeIntercept)).Within(1e-4).Percent);
        Assert.That(multipliers, Is.EqualTo(slopes).Within(1e-6));
        Assert.That(w.SequenceEqual(Weights), Is.EqualTo(penalizeIntercept));
    }

    [Test]
    public void An_estimate_in_float32_is_near_the_proof([Minimised] HeadLoss kind, [Values] bool penalizeIntercept)
    {
        var loss = LossFunction.Of(kind, Targets);
        var multipliers = loss.IsSmooth ? null : Array.ConvertAll(SlopesAt(loss, Weights), static slope => (float)slope);
        var (objective, bound) = DualCertificate.Of<double>(Slabs(), loss, penalizeIntercept, C, (double[])Weights.Clone(), null, multipliers, 2, default);
        var (estimate, below) = DualCertificate.Of<float>(Slabs(), loss, penalizeIntercept, C, (double[])Weights.Clone(), null, multipliers, 2, default);
        Assert.That(estimate, Is.EqualTo(objective).Within(1e-3).Percent);
        Assert.That(below, Is.EqualTo(bound).Within(1e-2).Percent);
    }

    private static RowSlabs Slabs() => new(Problem.Codes, (0, Rows));

    private static double[] Numbers(int count, int seed)
    {
        var random = new Random(seed);
        return [.. Enumerable.Range(0, count).Select(_ => random.NextDouble() - 0.5)];
    }

    private static double[] SlopesAt(LossFunction loss, double[] w)
    {
        var slopes = new double[Rows * Classes];
        for (var i = 0; i < Rows; i++)
        {
            var row = slopes.AsSpan(i * Classes, Classes);
            for (var k = 0; k < Classes; k++)
            {
                row[k] = w[(k * Width) + Columns];
                for (var d = 0; d < Columns; d++)
                {
                    row[k] += w[(k * Width) + d] * Problem.Codes.Row(i)[d];
                }
            }

            loss.Double(i, row, new float[Classes], new double[Classes]);
        }

        return slopes;
    }

    private static double Bound(LossFunction loss, double[] slopes, bool penalizeIntercept)
    {
        var norms = new double[Classes];
        for (var k = 0; k < Classes; k++)
        {
            for (var d = 0; d < (penalizeIntercept ? Width : Columns); d++)
            {
                var sum = Enumerable.Range(0, Rows).Sum(i => slopes[(i * Classes) + k] * (d < Columns ? Problem.Codes.Row(i)[d] : 1));
                norms[k] += sum * sum;
            }
        }

        return loss.DualValue(new DualPoint(slopes, loss.Targets), norms, C);
    }
}
