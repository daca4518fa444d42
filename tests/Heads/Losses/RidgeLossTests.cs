namespace OnnxTransfer.Heads.Tests;

public class RidgeLossTests
{
    [Test]
    public void Columns_are_balanced_in_proportion_to_the_weights_of_rows()
    {
        var loss = LossFunction.Of(HeadLoss.Ridge, new Targets(2, [0, 1, 0], null, [1, 3, 0]));
        var point = new DualPoint([1, -2, 4, 0, 3, -6], loss.Targets);
        loss.Balance(point);
        Assert.That(point.Slopes, Is.EqualTo(new[] { -1.0, 0, -2, 6, 3, -6 }));
    }
}
