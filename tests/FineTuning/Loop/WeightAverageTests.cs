namespace OnnxTransfer.FineTuning.Tests;

public sealed class WeightAverageTests
{
    [Test]
    public void The_decay_warms_up_to_its_value()
    {
        Assert.That(WeightAverage.DecayAt(0.999, 0), Is.EqualTo(0.1));
        Assert.That(WeightAverage.DecayAt(0.999, 8), Is.EqualTo(0.5));
        Assert.That(WeightAverage.DecayAt(0.999, 1_000_000), Is.EqualTo(0.999));
    }

    [Test]
    public void The_average_is_the_recurrence_for_weights_and_statistics()
    {
        var average = new WeightAverage(0.9, State(0));
        var expected = new double[11];
        for (var t = 0; t < 200; t++)
        {
            average.Add(State(t));
            var decay = Math.Min(0.9, (1.0 + t) / (10 + t));
            for (var i = 0; i < expected.Length; i++)
            {
                expected[i] = (decay * expected[i]) + ((1 - decay) * Value(t, i));
            }
        }

        var state = average.State();
        Assert.That(state.Parameters["w"], Is.EqualTo(expected.Select(static value => (float)value)).Within(1e-4));
        Assert.That(state.Statistics["mean"], Is.EqualTo(new[] { (float)expected[1] }).Within(1e-4));
        Assert.That(state.Updates, Is.EqualTo(200));
    }

    [Test]
    public void Exported_and_imported_it_goes_on_with_the_same_bits()
    {
        var whole = new WeightAverage(0.99, State(0));
        var first = new WeightAverage(0.99, State(0));
        foreach (var t in Enumerable.Range(0, 15))
        {
            whole.Add(State(t));
            first.Add(State(t));
        }

        var second = new WeightAverage(0.99, first.State());
        foreach (var t in Enumerable.Range(15, 15))
        {
            whole.Add(State(t));
            second.Add(State(t));
        }

        Assert.That(second.State().Parameters["w"], Is.EqualTo(whole.State().Parameters["w"]));
        Assert.That(second.Updates, Is.EqualTo(whole.Updates));
    }

    [Test]
    public void The_state_is_a_copy()
    {
        var start = State(3);
        var average = new WeightAverage(0.9, start);
        average.Add(State(4));
        Assert.That(start.Parameters["w"], Is.EqualTo(State(3).Parameters["w"]));
        var before = average.State().Parameters["w"];
        average.Add(State(5));
        Assert.That(average.State().Parameters["w"], Is.Not.EqualTo(before));
    }

    [TestCase(-0.1)]
    [TestCase(1)]
    public void A_decay_that_keeps_everything_or_less_than_nothing_is_refused(double decay) =>
        Assert.That(() => new WeightAverage(decay, State(0)), Throws.InstanceOf<ArgumentOutOfRangeException>());

    private static float Value(int t, int i) => t * i % 17;

    private static TrainingState State(int t) => new()
    {
        Parameters = new Dictionary<string, float[]> { ["w"] = [.. Enumerable.Range(0, 11).Select(i => Value(t, i))] },
        Statistics = new Dictionary<string, float[]> { ["mean"] = [Value(t, 1)] },
        Moments = new Dictionary<string, float[][]>(),
        Step = t,
    };
}
