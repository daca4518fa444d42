namespace OnnxTransfer.Study.Tests;

public class OverlappingClassesTests
{
    [Test]
    public void Pairs_are_counted_both_ways_over_the_images_of_both_classes()
    {
        string[] labels = ["cat", "cat", "cat", "dog", "dog", "owl", "owl", "fox"];
        string?[] predicted = ["dog", "dog", "cat", "cat", "dog", "owl", "dog", null];
        Assert.That(OverlappingClasses.Find(labels, predicted), Is.EqualTo(new[]
        {
            new ClassOverlap("cat", "dog", 2, 1, 3 / 5.0),
            new ClassOverlap("dog", "owl", 0, 1, 1 / 4.0),
        }));
    }
}
