namespace OnnxTransfer.Study.Tests;

public class WrongLabelsTests
{
    [Test]
    public void Wrong_labels_come_first_and_their_true_class_is_suggested()
    {
        var wrong = new HashSet<int> { 7, 60, 113, 151 };
        var set = MadeUpSet.Of(200, 3).Relabelled(i => wrong.Contains(i) ? "abc"[(i + 1) % 3].ToString() : null);
        var found = Find(set);
        var first = found.Labels.Take(10).ToDictionary(static of => of.Image);
        Assert.That(found.Labels, Has.Count.EqualTo(200).And.Ordered.By(nameof(DoubtfulLabel.Margin)));
        Assert.That(found.Suspects, Is.InRange(3, 15));
        foreach (var i in wrong)
        {
            var of = first[$"{i:D4}"];
            Assert.That((of.Label, of.Suggested), Is.EqualTo(("abc"[(i + 1) % 3].ToString(), "abc"[i % 3].ToString())));
            Assert.That(of.Margin, Is.Negative);
            Assert.That(found.Predicted[i], Is.EqualTo(of.Suggested));
        }
    }

    [Test]
    public void Layers_that_each_know_one_class_know_all_together()
    {
        var (one, two) = (MadeUpSet.Of(200, 3), MadeUpSet.Of(200, 3, seed: 2));
        var wrong = new HashSet<int> { 7, 60, 113, 151 };
        int Found(DoctorSet set) => Find(set.Relabelled(i => wrong.Contains(i) ? "abc"[(i + 1) % 3].ToString() : null)).Labels
            .Take(wrong.Count).Count(of => wrong.Contains(int.Parse(of.Image)));
        DoctorSet Blind(DoctorSet set, int kept) => set.Recoded(values =>
        {
            for (var v = 0; v < values.Length; v++)
            {
                values[v] = v % 3 == kept ? values[v] : 1;
            }
        });

        var (first, second) = (Blind(one, 0), Blind(two, 1));
        var both = first with { Layers = [.. first.Layers, .. second.Layers] };
        Assert.That(Found(both), Is.EqualTo(wrong.Count).And.GreaterThan(Found(first)).And.GreaterThan(Found(second)));
    }

    [Test]
    public void A_second_look_says_the_same_to_the_last_bit()
    {
        var set = MadeUpSet.Of(90, 3);
        var (one, two) = (Find(set, 5), Find(set, 5));
        Assert.That(two.Labels, Is.EqualTo(one.Labels));
    }

    [Test]
    public void An_image_alone_in_its_class_is_not_judged()
    {
        var set = MadeUpSet.Of(60, 2).Relabelled(static i => i == 31 ? "only" : null);
        var found = Find(set);
        Assert.That(found.Labels, Has.Count.EqualTo(59));
        Assert.That(found.Labels.Select(static of => of.Image), Has.No.Member("0031"));
        Assert.That(found.Predicted[31], Is.Null);
    }

    [Test]
    public void Where_every_image_is_alone_nothing_is_judged()
    {
        var found = Find(MadeUpSet.Of(2, 2));
        Assert.That((found.Labels.Count, found.Suspects), Is.EqualTo((0, 0)));
        Assert.That(OverlappingClasses.Find(["a", "b"], found.Predicted), Is.Empty);
    }

    [Test]
    public void Many_small_classes_are_judged()
    {
        var found = Find(MadeUpSet.Of(300, 3).Relabelled(static i => $"class {i % 150}"));
        Assert.That(found.Labels, Has.Count.EqualTo(300));
    }

    [Test]
    public void One_class_is_refused() =>
        Sentences.Fails(FailureKind.Data, () => Find(MadeUpSet.Of(10, 1)), "another class");

    private static WrongLabels Find(DoctorSet set, int seed = 0) => WrongLabels.Find(set, [.. set.Layers.Select(static layer => StandardCodes.Of(layer, default))], seed, default);
}
