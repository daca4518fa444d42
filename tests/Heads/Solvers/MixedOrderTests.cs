namespace OnnxTransfer.Heads.Tests;

public class MixedOrderTests
{
    [Test]
    public void Every_epoch_takes_every_row_once_in_another_order([Values(1, 95, 300, 20_000)] int count)
    {
        var rows = new RowSlabs(new CodeMatrix(new float[count], count, 1), (0, count));
        var order = new MixedOrder(rows);
        var first = order.Of(0).ToArray();
        var second = order.Of(1).ToArray();
        Assert.That(first.Order(), Is.EqualTo(Enumerable.Range(0, count)));
        Assert.That(second.Order(), Is.EqualTo(Enumerable.Range(0, count)));
        Assert.That(second, count > 1 ? Is.Not.EqualTo(first) : Is.EqualTo(first));
        Assert.That(new MixedOrder(rows).Of(0), Is.EqualTo(first));
    }

    [Test]
    public void Only_the_rows_of_a_part_are_taken()
    {
        var rows = new RowSlabs(new CodeMatrix(new float[1000], 1000, 1), (0, 100), (700, 900));
        Assert.That(new MixedOrder(rows).Of(3).Order(), Is.EqualTo(Enumerable.Range(0, 100).Concat(Enumerable.Range(700, 200))));
    }

    [Test]
    public void Rows_that_lie_together_come_apart()
    {
        var rows = new RowSlabs(new CodeMatrix(new float[4000], 4000, 1), (0, 4000));
        var order = new MixedOrder(rows).Of(0);
        var near = Enumerable.Range(1, 3999).Count(i => Math.Abs(order[i] - order[i - 1]) < 100);
        Assert.That(near, Is.LessThan(400));
    }
}
