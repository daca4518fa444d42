namespace OnnxTransfer.FineTuning.Tests;

public sealed class UpdatePlanTests
{
    [TestCase(6, 1, "111111")]
    [TestCase(6, 2, "010101")]
    [TestCase(7, 3, "0010011")]
    [TestCase(2, 5, "01")]
    public void An_update_ends_with_its_last_batch_or_with_the_epoch(int batches, int perUpdate, string ends)
    {
        var plan = new UpdatePlan(batches, perUpdate);
        Assert.That(string.Concat(Enumerable.Range(0, batches).Select(batch => plan.EndsUpdate(batch) ? '1' : '0')), Is.EqualTo(ends));
        Assert.That(plan.UpdatesPerEpoch, Is.EqualTo(ends.Count(static end => end == '1')));
    }

    [Test]
    public void Updates_are_counted_through_all_epochs()
    {
        var plan = new UpdatePlan(7, 3);
        var expected = 0L;
        for (var epoch = 0; epoch < 3; epoch++)
        {
            for (var batch = 0; batch < 7; batch++)
            {
                Assert.That(plan.UpdateOf(epoch, batch), Is.EqualTo(expected));
                expected += plan.EndsUpdate(batch) ? 1 : 0;
            }
        }

        Assert.That(plan.Total(3), Is.EqualTo(expected));
    }
}
