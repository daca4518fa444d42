namespace OnnxTransfer.Heads.Tests;

public class SequentialDualTests
{
    [Test]
    public void The_optimum_is_found_beyond_what_float32_tells(
        [Values] bool penalizeIntercept, [Values(0.01, 1, 100)] double c, [Values] bool weighted)
    {
        var (codes, targets) = Make(120, 60, 4, weighted);
        using var dual = Of(codes, targets, penalizeIntercept, c, 2);
        Assert.That(dual.Descend(1e-8, false, 20_000, default));
        var (objective, bound) = Prove(codes, targets, dual, penalizeIntercept, c);
        Assert.That(bound, Is.InRange(objective * (1 - 1e-7), objective * (1 + 1e-12)));
    }

    [Test]
    public void Dual_variables_are_in_range_however_early_the_descent_ends([Values(1, 3, 1000)] int passes, [Values(1e-3, 10)] double c)
    {
        var (codes, targets) = Make(300, 8, 3, weighted: true);
        using var dual = Of(codes, targets, penalizeIntercept: true, c, 2);
        dual.Descend(1e-6, false, passes, default);
        var slopes = dual.Slopes();
        for (var i = 0; i < 300; i++)
        {
            var row = slopes.AsSpan(i * 3, 3).ToArray();
            Assert.That(row.Sum(static slope => (double)slope), Is.Zero, "or there is no bound");
            Assert.That(row.Where((_, k) => k != targets.Truth(i)), Is.All.InRange(0, targets.Weight(i)));
            Assert.That(-row[targets.Truth(i)], Is.InRange(0, targets.Weight(i)));
        }

        var (objective, bound) = Prove(codes, targets, dual, penalizeIntercept: true, c);
        Assert.That(bound, Is.InRange(0, objective * (1 + 1e-12)));
    }

    [Test]
    public void More_classes_than_a_word_has_bits_are_told_apart()
    {
        var (codes, targets) = Make(400, 120, 70, weighted: false);
        using var dual = Of(codes, targets, penalizeIntercept: true, 1, 2);
        Assert.That(dual.Descend(1e-4, false, 5000, default));
        var (objective, bound) = Prove(codes, targets, dual, penalizeIntercept: true, 1);
        Assert.That(bound, Is.InRange(objective * (1 - 2e-4), objective * (1 + 1e-12)));
    }

    [Test]
    public void Threads_do_not_change_a_bit([Values] bool inFloat64)
    {
        var (codes, targets) = Make(700, 33, 5, weighted: true);
        var found = new List<double[]>();
        foreach (var threads in new[] { 1, 2, 5 })
        {
            using var dual = Of(codes, targets, penalizeIntercept: false, 1, threads);
            dual.Descend(1e-5, inFloat64, 1000, default);
            found.Add([.. dual.Weights]);
        }

        Assert.That(found, Is.All.EqualTo(found[0]));
    }

    [Test]
    public void No_more_passes_are_made_than_allowed()
    {
        var (codes, targets) = Make(200, 20, 3, weighted: false);
        using var dual = Of(codes, targets, penalizeIntercept: false, 1, 1);
        Assert.That(dual.Descend(1e-12, false, 2, default), Is.False);
        Assert.That(dual.Passes, Is.InRange(1, 3));
    }

    [Test]
    public void A_cancelled_descent_ends()
    {
        var (codes, targets) = Make(200, 20, 3, weighted: false);
        using var dual = Of(codes, targets, penalizeIntercept: false, 1, 1);
        Assert.That(() => dual.Descend(1e-3, false, 1000, new(canceled: true)), Throws.InstanceOf<OperationCanceledException>());
    }

    private static (CodeMatrix Codes, Targets Targets) Make(int rows, int columns, int classes, bool weighted)
    {
        var (codes, truth) = Problems.Make(rows, columns, classes, 7);
        var weights = weighted ? Enumerable.Range(0, rows).Select(static i => i % 9 == 8 ? 0 : 0.5 + (i % 3)).ToArray() : null;
        return (codes, new Targets(classes, truth, null, weights));
    }

    private static RowSlabs Slabs(CodeMatrix codes) => new(codes, (0, codes.Rows));

    private static SequentialDual Of(CodeMatrix codes, Targets targets, bool penalizeIntercept, double c, int threads)
    {
        var slabs = Slabs(codes);
        return new SequentialDual(slabs, slabs, targets, penalizeIntercept, c, SpectralBasis.OfLengths(slabs, 1), threads);
    }

    private static (double Objective, double Bound) Prove(CodeMatrix codes, Targets targets, SequentialDual dual, bool penalizeIntercept, double c) =>
        DualCertificate.Of<double>(
            Slabs(codes), LossFunction.Of(HeadLoss.CrammerSinger, targets), penalizeIntercept, c, dual.Weights, null, dual.Slopes(), 1, default);
}
