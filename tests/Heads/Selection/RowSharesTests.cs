using CsCheck;

namespace OnnxTransfer.Heads.Tests;

public class RowSharesTests
{
    [Test]
    public void Every_class_gives_its_share_and_small_shares_lie_within_large_ones() =>
        Gen.Select(Gen.Int[0, 3].Array[10, 100], Gen.Int[1, 10], Gen.Int[1, 10], Gen.Int, Gen.Bool).Sample((truth, one, other, seed, grouped) =>
        {
            int[] rows = [.. Enumerable.Range(0, truth.Length).Where(static row => row % 5 != 0)];
            int[]? groups = grouped ? [.. truth.Select(static (_, row) => -(row / 3))] : null;
            var small = RowShares.Of(rows, truth, groups, Math.Min(one, other) / 10.0, seed);
            var large = RowShares.Of(rows, truth, groups, Math.Max(one, other) / 10.0, seed);
            Assert.That(small, Is.SubsetOf(large));
            Assert.That(large, Is.SubsetOf(rows).And.Ordered.Ascending.And.Unique);
            foreach (var ofClass in rows.GroupBy(row => truth[row]))
            {
                var tenths = ofClass.Count() * Math.Max(one, other);
                Assert.That(large.Count(row => truth[row] == ofClass.Key), Is.EqualTo((tenths + 9) / 10));
            }
        }, iter: 200);

    [Test]
    public void The_whole_is_the_whole() =>
        Assert.That(RowShares.Of([3, 1, 2], [0, 0, 1, 0], null, 1, 7), Is.EqualTo(new[] { 1, 2, 3 }));

    [Test]
    public void Groups_are_taken_one_after_the_other()
    {
        int[] groups = [.. Enumerable.Range(0, 100).Select(static row => row / 10)];
        var half = RowShares.Of(Enumerable.Range(0, 100), new int[100], groups, 0.5, 1);
        Assert.That(half.GroupBy(row => groups[row]).Select(Enumerable.Count), Has.Exactly(5).Items.And.All.EqualTo(10));
    }
}
