namespace OnnxTransfer.Heads.Tests;

public class ClassSupportTests
{
    private const int Rows = 30;
    private const int Columns = 50;
    private static readonly CodeMatrix Codes = Problems.Make(Rows, Columns, 2, 5).Codes;

    [Test]
    public void On_what_is_left_of_the_support_the_equations_hold_and_the_rest_is_at_its_bounds(
        [Values] bool isFree, [Values(0, 0.25)] double ridge, [Values(0.2, double.PositiveInfinity)] double most)
    {
        var slabs = new RowSlabs(Codes, (0, Rows));
        using var support = new ClassSupport(slabs, slabs, isFree);
        var signed = new double[Rows];
        Assert.That(support.Solve([.. Enumerable.Range(0, Rows)], [], signed, 0, Sign, _ => ridge, _ => most, 1e-12));
        var inside = 0;
        var weights = support.Weights;
        for (var i = 0; i < Rows; i++)
        {
            var a = Sign(i) * signed[i];
            Assert.That(a, Is.InRange(0, most));
            if (a > 0 && a < most)
            {
                inside++;
                var score = VectorArithmetic.Dot(Codes.Row(i), weights[..^1]) + weights[^1];
                Assert.That(score + (ridge * signed[i]), Is.EqualTo(Sign(i)).Within(1e-9));
            }
        }

        Assert.That(inside, Is.GreaterThan(0).And.LessThan(Rows));
        Assert.That(signed.Sum(), Is.EqualTo(isFree ? 0 : weights[^1]).Within(1e-9));
    }

    [Test]
    public void Equations_without_a_solution_leave_everything_as_it_was()
    {
        // The same code twice, once of each sign, cannot lie on both margins.
        var twice = Codes.Select([0, 0, 1, 2, 3]);
        var slabs = new RowSlabs(twice, (0, 5));
        using var support = new ClassSupport(slabs, slabs, isFree: true);
        var signed = new double[] { 0.1, -0.1, 0.05, -0.05, 0 };
        var before = signed.ToArray();
        Assert.That(support.Solve([0, 1, 2, 3], [], signed, 0.5, Sign, static _ => 0, static _ => 1e9, 1e-10), Is.False);
        Assert.That(signed, Is.EqualTo(before));
        var sums = new double[Columns + 1];
        for (var i = 0; i < 5; i++)
        {
            VectorArithmetic.AddScaled(before[i], twice.Row(i), sums.AsSpan(0, Columns));
        }

        sums[^1] = 0.5;
        Assert.That(support.Weights.ToArray(), Is.EqualTo(sums).Within(1e-12));
    }

    private static double Sign(int row) => row % 2 == 0 ? 1 : -1;
}
