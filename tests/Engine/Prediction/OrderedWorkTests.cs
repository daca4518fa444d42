namespace OnnxTransfer.Engine.Tests;

internal sealed class OrderedWorkTests
{
    [Test]
    public void Results_come_in_the_order_of_the_items_whichever_is_done_first()
    {
        var results = OrderedWork.Run(
            Enumerable.Range(0, 200),
            i =>
            {
                Thread.Sleep(i % 7 == 0 ? 3 : 0);
                return i;
            },
            CancellationToken.None);
        Assert.That(results, Is.EqualTo(Enumerable.Range(0, 200)));
    }

    [Test]
    public void Items_are_read_a_few_ahead_only_and_run_on_no_more_than_the_cores()
    {
        var (read, running, most) = (0, 0, 0);
        IEnumerable<int> Items()
        {
            while (true)
            {
                yield return read++;
            }
        }

        var gate = new Lock();
        var results = OrderedWork.Run(
            Items(),
            i =>
            {
                lock (gate)
                {
                    most = Math.Max(most, ++running);
                }

                Thread.Sleep(1);
                lock (gate)
                {
                    running--;
                }

                return i;
            },
            CancellationToken.None);
        Assert.That(results.Take(50).Last(), Is.EqualTo(49));
        Assert.That(read, Is.LessThan(50 + (5 * Environment.ProcessorCount)));
        Assert.That(most, Is.LessThanOrEqualTo(Environment.ProcessorCount));
        Assert.That(running, Is.Zero, "what was begun is waited for");
    }

    [Test]
    public void A_failure_comes_out_at_its_place()
    {
        var results = OrderedWork.Run([1, 2, 0, 4], i => 8 / i, CancellationToken.None).GetEnumerator();
        Assert.That((results.MoveNext(), results.Current), Is.EqualTo((true, 8)));
        Assert.That((results.MoveNext(), results.Current), Is.EqualTo((true, 4)));
        Assert.Throws<DivideByZeroException>(() => results.MoveNext());
    }

    [Test]
    public void Cancelling_stops_between_items()
    {
        using var cancellation = new CancellationTokenSource();
        var results = OrderedWork.Run(Enumerable.Range(0, int.MaxValue), i => i, cancellation.Token).GetEnumerator();
        Assert.That(results.MoveNext());
        cancellation.Cancel();
        Assert.Throws<OperationCanceledException>(() => results.MoveNext());
    }
}
