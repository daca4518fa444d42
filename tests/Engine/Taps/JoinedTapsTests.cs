namespace OnnxTransfer.Engine.Tests;

internal sealed class JoinedTapsTests
{
    [Test]
    public void Codes_stand_in_the_order_of_the_names()
    {
        using var net = new SmallNetwork();
        using var backbone = net.Load();
        var taps = backbone.Join(["second", "first"], [Pooling.Average, Pooling.Grid2]);
        Assert.Multiple(() =>
        {
            Assert.That(taps.Taps, Is.EqualTo(new[] { backbone.Tap("second"), backbone.Tap("first", Pooling.Grid2) }));
            Assert.That((taps.Names, taps.Poolings), Is.EqualTo(("second,first", "avg,grid2")));
            Assert.That(taps.Key, Is.EqualTo("second|avg + first|grid2"));
            Assert.That(taps.Width, Is.EqualTo(6 + 16));
        });
    }

    [Test]
    public void One_pooling_goes_with_all_taps_and_one_tap_with_all_poolings()
    {
        using var net = new SmallNetwork();
        using var backbone = net.Load();
        Assert.Multiple(() =>
        {
            Assert.That(backbone.Join(["first", "second"], [Pooling.Maximum]).Key, Is.EqualTo("first|max + second|max"));
            Assert.That(backbone.Join(["first"], [Pooling.Maximum, Pooling.Average]).Key, Is.EqualTo("first|max + first|avg"));
        });
    }

    [Test]
    public void What_does_not_go_together_is_refused()
    {
        using var net = new SmallNetwork();
        using var backbone = net.Load();
        Assert.Multiple(() =>
        {
            Sentences.Fails(FailureKind.Usage, () => backbone.Join(["first", "second"], [Pooling.Maximum, Pooling.Average, Pooling.Grid2]), "2 taps and 3 poolings");
            Sentences.Fails(FailureKind.Usage, () => backbone.Join(["first", "first/Relu"], [Pooling.Average]), "first|avg", "twice");
            Sentences.Fails(FailureKind.Usage, () => backbone.Join([], [Pooling.Average]), "0 taps");
            Sentences.Fails(FailureKind.Usage, () => _ = new JoinedTaps(), "at least one");
            Sentences.Fails(FailureKind.Model, () => backbone.Join(["first", "third"], [Pooling.Average]), "third");
        });
    }

    [Test]
    public void They_cost_what_both_need_and_shared_nodes_once()
    {
        using var net = new SmallNetwork();
        using var backbone = net.Load();
        var (first, second) = (backbone.Tap("first"), backbone.Tap("second"));
        Assert.That(backbone.Taps.CostPercent(new JoinedTaps(first, second)), Is.EqualTo(second.Point.CostPercent));
        Assert.That(backbone.Taps.CostPercent(new JoinedTaps(first)), Is.EqualTo(first.Point.CostPercent));
    }
}
