namespace OnnxTransfer.FineTuning.Tests;

public sealed class RateSchedulesTests
{
    [Test]
    public void Cosine_and_one_cycle_are_PyTorchs()
    {
        foreach (var golden in Goldens.Cases("schedules"))
        {
            var total = golden.GetProperty("total").GetInt32();
            var schedule = RateSchedules.Named(golden.GetProperty("name").GetString()!, golden.GetProperty("rate").GetDouble());
            var expected = golden.GetProperty("rates").EnumerateArray().Select(static rate => rate.GetDouble());
            Assert.That(Rates(schedule, total), Is.EqualTo(expected).Within(1e-12), golden.GetProperty("name").GetString());
        }
    }

    [Test]
    public void Constant_stays() => Assert.That(Rates(RateSchedules.Constant(0.3), 5), Has.All.EqualTo(0.3));

    [Test]
    public void Cosine_starts_at_the_rate_halves_in_the_middle_and_would_end_at_the_floor()
    {
        var schedule = RateSchedules.Cosine(0.9, 0.1);
        Assert.That((schedule(0, 100), schedule(100, 100)), Is.EqualTo((0.9, 0.1)));
        Assert.That(schedule(50, 100), Is.EqualTo(0.5).Within(1e-12));
    }

    [Test]
    public void Steps_divide_the_training_into_equal_parts()
    {
        var rates = Rates(RateSchedules.Step(1, 0.1, 3), 9);
        Assert.That(rates, Is.EqualTo(new[] { 1, 1, 1, 0.1, 0.1, 0.1, 0.01, 0.01, 0.01 }).Within(1e-12));
    }

    [Test]
    public void One_cycle_rises_to_the_rate_and_falls_to_almost_nothing()
    {
        var rates = Rates(RateSchedules.OneCycle(1), 100);
        Assert.That(rates[0], Is.EqualTo(1 / 25.0).Within(1e-12));
        Assert.That(rates[29], Is.EqualTo(1).Within(1e-12));
        Assert.That(rates[99], Is.EqualTo(1 / 25.0 / 1e4).Within(1e-12));
        Assert.That(rates[..30], Is.Ordered);
        Assert.That(rates[29..], Is.Ordered.Descending);
    }

    [Test]
    public void Warm_up_is_linear_and_the_schedule_has_the_rest_for_itself()
    {
        foreach (var schedule in new[] { RateSchedules.Constant(0.8), RateSchedules.Cosine(0.8), RateSchedules.Step(0.8) })
        {
            var rates = Rates(schedule.WithWarmUp(4), 20);
            Assert.That(rates[..4], Is.EqualTo(new[] { 0.2, 0.4, 0.6, 0.8 }).Within(1e-12));
            Assert.That(rates[4..], Is.EqualTo(Rates(schedule, 16)));
        }

        Assert.That(Rates(RateSchedules.Cosine(0.8).WithWarmUp(0), 9), Is.EqualTo(Rates(RateSchedules.Cosine(0.8), 9)));
    }

    [Test]
    public void Every_rate_is_finite_and_positive_however_short_the_training()
    {
        foreach (var name in RateSchedules.Names)
        {
            for (var total = 1; total < 12; total++)
            {
                foreach (var warmUp in new[] { 0, 1, 5, 100 })
                {
                    var rates = Rates(RateSchedules.Named(name, 0.1).WithWarmUp(warmUp), total);
                    Assert.That(rates, Has.All.InRange(1e-9, 0.1 + 1e-12), $"{name} of {total} after {warmUp}");
                }
            }
        }
    }

    [Test]
    public void An_unknown_name_is_refused_with_those_there_are() =>
        Sentences.Fails(FailureKind.Usage, () => RateSchedules.Named("cosin", 1), "cosin", "cosine", "one-cycle");

    private static double[] Rates(RateSchedule schedule, int total) =>
        [.. Enumerable.Range(0, total).Select(update => schedule(update, total))];
}
