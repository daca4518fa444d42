using OnnxTransfer.Heads;

namespace OnnxTransfer.Study.Tests;

public class PrincipalComponentsTests
{
    [Test]
    public void Codes_of_known_variances_give_their_directions_in_order()
    {
        // Columns without correlation: signs that are orthogonal to each other and to the mean.
        var values = new List<float>();
        for (var row = 0; row < 64; row++)
        {
            float Sign(int bit) => (row >> bit) % 2 == 0 ? 1 : -1;
            values.AddRange([2 * Sign(0), 5 * Sign(1), 1 * Sign(2), 7]);
        }

        var components = PrincipalComponents.Of(new CodeMatrix(values.ToArray(), 64, 4), 3);
        Assert.That(components.Shares, Is.EqualTo(new[] { 25 / 30.0, 4 / 30.0, 1 / 30.0 }).Within(1e-9));
        for (var row = 0; row < 64; row++)
        {
            var scores = components.Scores.AsSpan(3 * row, 3).ToArray().Select(Math.Abs);
            Assert.That(scores, Is.EqualTo(new double[] { 5, 2, 1 }).Within(1e-6));
        }
    }

    [Test]
    public void Distances_are_kept_where_the_components_hold_all_variance()
    {
        var random = new Random(3);
        var codes = new CodeMatrix(Enumerable.Range(0, 40 * 6).Select(_ => random.NextSingle()).ToArray(), 40, 6);
        var components = PrincipalComponents.Of(codes, 6);
        Assert.That(components.Shares.Sum(), Is.EqualTo(1).Within(1e-9));
        for (var row = 1; row < 40; row++)
        {
            var (expected, found) = (0.0, 0.0);
            for (var k = 0; k < 6; k++)
            {
                expected += Math.Pow(codes.Row(row)[k] - codes.Row(0)[k], 2);
                found += Math.Pow(components.Scores[(6 * row) + k] - components.Scores[k], 2);
            }

            Assert.That(found, Is.EqualTo(expected).Within(1e-6));
        }
    }

    [Test]
    public void Codes_without_variance_have_no_direction()
    {
        var components = PrincipalComponents.Of(new CodeMatrix(new float[10 * 3], 10, 3), 2);
        Assert.That(components.Shares, Is.All.Zero);
        Assert.That(components.Scores, Is.All.Zero);
    }
}
