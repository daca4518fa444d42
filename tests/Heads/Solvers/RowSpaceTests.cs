namespace OnnxTransfer.Heads.Tests;

public class RowSpaceTests
{
    [Test]
    public void Weights_in_it_give_the_scores_and_the_norms_of_their_weights_for_the_codes()
    {
        var (codes, _) = Problems.Make(40, 150, 3, 5);
        var slabs = new RowSlabs(codes, (0, 40));
        using var space = RowSpace.Of(slabs, 2)!;
        var random = new Random(1);
        var reduced = Enumerable.Range(0, 3 * 41).Select(_ => random.NextDouble() - 0.5).ToArray();
        var weights = space.Expand((double[])reduced.Clone());
        for (var k = 0; k < 3; k++)
        {
            var w = weights.AsSpan(k * 151, 151);
            var v = reduced.AsSpan(k * 41, 41);
            Assert.That(VectorArithmetic.Dot(w[..150], w[..150]), Is.EqualTo(VectorArithmetic.Dot(v[..40], v[..40])).Within(1).Percent);
            for (var i = 0; i < 40; i++)
            {
                var there = VectorArithmetic.Dot(space.Slabs.Codes.Matrix.Row(i), v[..40]) + v[40];
                Assert.That(VectorArithmetic.Dot(codes.Row(i), w[..150]) + w[150], Is.EqualTo(there).Within(2e-2));
            }
        }
    }

    [Test]
    public void Wide_problems_take_few_passes_over_their_codes([Values(HeadLoss.Softmax, HeadLoss.Logistic, HeadLoss.SquaredHinge)] HeadLoss loss)
    {
        var (codes, truth) = Problems.Make(120, 600, 4, 7);
        var head = Problems.Train(codes, truth, new() { Loss = loss, C = 1, RelativeGap = 1e-4 });
        Assert.That(head.Certificate.Converged);
        Assert.That(head.Certificate.Passes, Is.LessThan(40));
    }

    [Test]
    public void There_is_none_where_rows_are_not_few()
    {
        var (codes, _) = Problems.Make(40, 79, 3, 5);
        Assert.That(RowSpace.Of(new RowSlabs(codes, (0, 40)), 1), Is.Null);
    }
}
