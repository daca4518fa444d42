using OnnxTransfer.Heads;

namespace OnnxTransfer.Study.Tests;

public class StrangeImagesTests
{
    [Test]
    public void An_image_far_from_all_others_is_strange()
    {
        var found = Find(With(MadeUpSet.Of(200, 3), (17, 40)));
        Assert.That(found, Has.Count.LessThan(10));
        Assert.That(found[0].Image, Is.EqualTo("0017"));
        Assert.That(found[0].Distance, Is.GreaterThan(2));
        Assert.That(found[0].Nearest, Is.Not.EqualTo("0017"));
    }

    [Test]
    public void Three_copies_of_a_strange_image_do_not_hide_each_other() =>
        Assert.That(Find(With(MadeUpSet.Of(200, 3), (17, 40), (50, 40), (90, 40))).Take(3).Select(static of => of.Image), Is.EquivalentTo(new[] { "0017", "0050", "0090" }));

    [Test]
    public void Little_is_strange_among_codes_of_one_kind_and_nothing_among_too_few()
    {
        Assert.That(Find(MadeUpSet.Of(300, 3)), Has.Count.LessThan(10));
        Assert.That(Find(MadeUpSet.Of(1, 1)), Is.Empty);
        Assert.That(Find(MadeUpSet.Of(2, 2)), Is.Empty);
        var set = MadeUpSet.Of(20, 2);
        Assert.That(Find(set with { Layers = [new CodeMatrix(new float[20 * 3], 20, 3)] }), Is.Empty);
    }

    private static List<StrangeImage> Find(DoctorSet set) => StrangeImages.Find(set, StandardCodes.Of(set.Layers[^1], default));

    /// <summary>Some images get the same code, far away.</summary>
    private static DoctorSet With(DoctorSet set, params (int Row, float Value)[] strange) => set.Recoded(values =>
    {
        foreach (var (row, value) in strange)
        {
            values.AsSpan(row * set.Layers[0].Columns, 4).Fill(value);
        }
    });
}
