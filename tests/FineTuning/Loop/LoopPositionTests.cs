namespace OnnxTransfer.FineTuning.Tests;

public sealed class LoopPositionTests
{
    private static readonly LoopPosition Somewhere = new(long.MinValue, 3, 14, 159, new BestValidation(1.0 / 3, 0.1, 2, 1), "abc");

    [Test]
    public void Properties_give_back_the_position()
    {
        foreach (var position in new[] { Somewhere, LoopPosition.Start(7, "x"), Somewhere with { Best = new BestValidation(double.NegativeInfinity, double.NaN, 0, 0) } })
        {
            Assert.That(LoopPosition.FromProperties(position.ToProperties()), Is.EqualTo(position));
        }
    }

    [Test]
    public void Properties_are_long_numbers_and_texts_beside_which_others_may_stand()
    {
        var properties = Somewhere.ToProperties().Append(new("loss", 1f)).ToDictionary();
        Assert.That(Somewhere.ToProperties().Values.Select(static value => value.GetType()).Distinct(), Is.EquivalentTo(new[] { typeof(long), typeof(string) }));
        Assert.That(LoopPosition.FromProperties(properties), Is.EqualTo(Somewhere));
    }

    [Test]
    public void A_property_that_is_missing_or_wrong_is_named()
    {
        foreach (var name in Somewhere.ToProperties().Keys)
        {
            var properties = Somewhere.ToProperties().ToDictionary();
            properties.Remove(name);
            Sentences.Fails(FailureKind.Data, () => LoopPosition.FromProperties(properties), name);
            properties[name] = 1.5f;
            Sentences.Fails(FailureKind.Data, () => LoopPosition.FromProperties(properties), name);
        }

        foreach (var (name, wrong) in new (string, object)[] { ("loop.epoch", -1L), ("loop.batch", 1L << 40), ("loop.updates", -1L), ("loop.bestAccuracy", "much"), ("loop.bestLoss", "little") })
        {
            var properties = Somewhere.ToProperties().ToDictionary();
            properties[name] = wrong;
            Sentences.Fails(FailureKind.Data, () => LoopPosition.FromProperties(properties), name);
        }
    }

    [Test]
    public void Batch_after_batch_it_goes_through_epochs_and_updates()
    {
        var plan = new UpdatePlan(5, 2);
        var position = LoopPosition.Start(1, string.Empty);
        for (var done = 0; done < 15; done++)
        {
            Assert.That((position.Epoch, position.Batch), Is.EqualTo(Math.DivRem(done, 5)));
            Assert.That(position.Updates, Is.EqualTo(plan.UpdateOf(position.Epoch, position.Batch)));
            position = position.AfterBatch(plan);
        }

        Assert.That((position.Epoch, position.Batch, position.Updates), Is.EqualTo((3, 0, plan.Total(3))));
    }

    [Test]
    public void Other_options_or_images_are_refused()
    {
        var hash = LoopPosition.HashOf(["light", "cosine"]);
        LoopPosition.Start(1, hash).RequireSame(hash);
        Sentences.Fails(FailureKind.Usage, () => LoopPosition.Start(1, hash).RequireSame(LoopPosition.HashOf(["light", "step"])), "other options");
        Assert.That(LoopPosition.HashOf(["ab", "c"]), Is.Not.EqualTo(LoopPosition.HashOf(["a", "bc"])));
        Assert.That(LoopPosition.HashOf(["a\n1:b"]), Is.Not.EqualTo(LoopPosition.HashOf(["a", "b"])));
    }
}
