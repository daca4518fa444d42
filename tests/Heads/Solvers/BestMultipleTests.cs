namespace OnnxTransfer.Heads.Tests;

public class BestMultipleTests
{
    private static readonly Targets Targets = new(2, [0, 1, 0], null, [1, 2, 0.5]);

    [TestCase(1, new[] { 0.5, 2, -1 }, 0.3)]
    [TestCase(0.2, new[] { 0.9, 1.5, 0.4 }, 1)]
    [TestCase(5, new[] { 3.0, 4, 5 }, 0.7)]
    public void No_multiple_is_better(double penalty, double[] margins, double c)
    {
        var (multiple, value) = BestMultiple.Of(penalty, margins, Targets, c);
        Assert.That(value, Is.EqualTo(Value(multiple, penalty, margins, c)).Within(1e-12));
        Assert.That(Enumerable.Range(0, 201).Min(i => Value(i / 100.0, penalty, margins, c)), Is.GreaterThanOrEqualTo(value - 1e-9));
    }

    [TestCase(0.5, 0.25, 1, Description = "2 t penalty = C w margin")]
    [TestCase(2, 0.25, 0.5, Description = "the hinge closes")]
    [TestCase(0.25, 0.01, 2, Description = "no more than 2")]
    [TestCase(-1, 1, 0, Description = "nothing")]
    public void The_multiple_of_one_row_is_that_by_hand(double margin, double penalty, double multiple) =>
        Assert.That(BestMultiple.Of(penalty, [margin], new Targets(2, [0], null, [2]), 0.5).Multiple, Is.EqualTo(multiple).Within(1e-9));

    private static double Value(double t, double penalty, double[] margins, double c) =>
        (t * t * penalty) + (c * margins.Select((margin, i) => Targets.Weight(i) * Math.Max(0, 1 - (t * margin))).Sum());
}
