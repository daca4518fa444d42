using OnnxTransfer.Heads;

namespace OnnxTransfer.Study.Tests;

public class CodeMapTests
{
    [Test]
    public void Few_images_are_all_on_the_map()
    {
        var map = Of([.. Enumerable.Range(0, 20).Select(static i => i % 2)])!;
        Assert.That(map.Points.Select(static point => point.Image), Is.EqualTo(Enumerable.Range(0, 20).Select(static i => $"{i}")));
        Assert.That(map.Points.Select(static point => point.IsWrong), Is.EqualTo(Enumerable.Range(0, 20).Select(static i => i == 3)));
        Assert.That(Of([0, 0, 0, 1, 1, 1, 1]), Is.Null);
    }

    [Test]
    [Category("Slow")]
    public void Of_many_images_a_sample_has_every_class()
    {
        int[] classes = [.. Enumerable.Range(0, 4000).Select(static i => i < 3 ? 2 : i % 2)];
        var map = Of(classes)!;
        Assert.That(map.Images, Is.EqualTo(4000));
        Assert.That(map.Points, Has.Count.InRange(CodeMap.MostPoints - 5, CodeMap.MostPoints));
        Assert.That(map.Points.Count(static point => point.Class == 0), Is.EqualTo(map.Points.Count(static point => point.Class == 1)).Within(2));
        Assert.That(map.Points.Count(static point => point.Class == 2), Is.EqualTo(1));
    }

    private static CodeMap? Of(int[] classes)
    {
        var random = new Random(1);
        var codes = new CodeMatrix(classes.SelectMany(k => new[] { random.NextSingle() + k, random.NextSingle(), 3 }).ToArray(), classes.Length, 3);
        return CodeMap.Of(
            codes, [.. classes.Select(static (_, i) => $"{i}")], classes, [.. classes.Select(static (_, i) => i == 3 ? false : (bool?)true)], seed: 0, CancellationToken.None);
    }
}
