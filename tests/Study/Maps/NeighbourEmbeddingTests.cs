using OnnxTransfer.Heads;

namespace OnnxTransfer.Study.Tests;

public class NeighbourEmbeddingTests
{
    private const int Groups = 3, Each = 41;

    [Test]
    public void Groups_that_lie_apart_stay_apart()
    {
        var placed = NeighbourEmbedding.Place(Components(), Groups * Each);
        Assert.That(placed, Is.All.Matches<double>(double.IsFinite));
        for (var i = 0; i < Groups * Each; i++)
        {
            var nearest = Enumerable.Range(0, Groups * Each).Where(j => j != i).MinBy(j => Distance(placed, i, j));
            Assert.That(nearest % Groups, Is.EqualTo(i % Groups), $"the neighbour of {i}");
        }
    }

    [Test]
    public void Every_time_the_places_are_the_same()
    {
        var (once, again) = (NeighbourEmbedding.Place(Components(), Groups * Each), NeighbourEmbedding.Place(Components(), Groups * Each));
        Assert.That(again, Is.EqualTo(once));
    }

    [Test]
    public void Four_equal_points_have_finite_places()
    {
        var components = PrincipalComponents.Of(new CodeMatrix(new float[4 * 3], 4, 3), 2);
        Assert.That(NeighbourEmbedding.Place(components, 4), Is.All.Matches<double>(double.IsFinite));
    }

    private static double Distance(double[] placed, int i, int j) =>
        Math.Pow(placed[2 * i] - placed[2 * j], 2) + Math.Pow(placed[(2 * i) + 1] - placed[(2 * j) + 1], 2);

    private static PrincipalComponents Components()
    {
        var random = new Random(5);
        var values = new float[Groups * Each * 8];
        for (var i = 0; i < Groups * Each; i++)
        {
            for (var k = 0; k < 8; k++)
            {
                values[(8 * i) + k] = random.NextSingle() + (k == i % Groups ? 12 : 0);
            }
        }

        return PrincipalComponents.Of(new CodeMatrix(values, Groups * Each, 8), 8);
    }
}
