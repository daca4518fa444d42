namespace OnnxTransfer.FineTuning.Tests;

public sealed class RandomDrawsTests
{
    private const int Draws = 20_000;

    [Test]
    public void Equal_keys_give_equal_numbers_and_any_other_key_gives_others()
    {
        ulong First(long seed, long epoch, long place, RandomPurpose purpose) => new RandomDraws(seed, epoch, place, purpose).Bits();

        var keys = (
            from seed in Enumerable.Range(-2, 5)
            from epoch in Enumerable.Range(0, 10)
            from place in Enumerable.Range(0, 40)
            from purpose in Enum.GetValues<RandomPurpose>()
            select (seed, epoch, place, purpose)).ToArray();
        ulong[] Numbers() => [.. keys.Select(key => First(key.seed, key.epoch, key.place, key.purpose))];

        Assert.That(Numbers().Distinct().Count(), Is.EqualTo(keys.Length));
        var again = Numbers();
        Assert.That(again, Is.EqualTo(Numbers()));
    }

    [Test]
    public void The_numbers_are_those_of_every_machine() =>
        Assert.That(new RandomDraws(1, 2, 3, RandomPurpose.Crop).Bits(), Is.EqualTo(Reference(1, 2, 3, 3)));

    [Test]
    public void The_first_numbers_of_neighbouring_places_are_uniform_and_independent()
    {
        var first = Values(static draws => draws.Uniform());
        AssertMoments(first, 0.5, 1.0 / 12);
        var products = first.Zip(first.Skip(1), static (a, b) => (a - 0.5) * (b - 0.5)).ToArray();
        AssertMoments(products, 0, 1.0 / 144);
        Assert.That(first, Has.All.InRange(0, 1 - 1e-16));
    }

    [Test]
    public void Whole_numbers_and_coins_are_even()
    {
        var counts = Values(static draws => draws.Below(5)).CountBy(static value => value).ToDictionary();
        Assert.That(counts.Keys, Is.EquivalentTo(new[] { 0, 1, 2, 3, 4 }));
        Assert.That(counts.Values, Has.All.EqualTo(Draws / 5).Within(4 * Math.Sqrt(Draws * 0.16)));
        AssertMoments(Values(static draws => draws.Coin() ? 1 : 0), 0.5, 0.25);
    }

    [TestCase(0.05)]
    [TestCase(0.2)]
    [TestCase(1)]
    [TestCase(4)]
    public void Shares_have_the_mean_and_variance_of_their_beta_distribution(double alpha) =>
        AssertMoments(Values(draws => draws.Beta(alpha)), 0.5, 1 / (4 * ((2 * alpha) + 1)));

    [Test]
    public void The_smallest_alpha_gives_shares_and_not_nothing() =>
        Assert.That(Values(static draws => draws.Beta(1e-4)), Has.All.InRange(0, 1));

    [Test]
    public void Every_permutation_is_equally_frequent()
    {
        var counts = Values(static draws => draws.Permutation(3)).CountBy(static order => string.Join(' ', order)).ToDictionary();
        Assert.That(counts, Has.Count.EqualTo(6));
        Assert.That(counts.Values, Has.All.EqualTo(Draws / 6.0).Within(4 * Math.Sqrt(Draws * 5 / 36.0)));
    }

    private static T[] Values<T>(Func<RandomDraws, T> of) =>
        [.. Enumerable.Range(0, Draws).Select(place => of(new RandomDraws(7, 1, place, RandomPurpose.Mix)))];

    private static void AssertMoments(double[] values, double mean, double variance)
    {
        var found = values.Average();
        Assert.That(found, Is.EqualTo(mean).Within(4 * Math.Sqrt(variance / values.Length)));
        Assert.That(values.Average(value => (value - found) * (value - found)), Is.EqualTo(variance).Within(0.05 * variance));
    }

    private static void AssertMoments(int[] values, double mean, double variance) =>
        AssertMoments([.. values.Select(static value => (double)value)], mean, variance);

    // SplitMix64 in whole numbers without a word size, as its authors wrote it down.
    private static ulong Reference(params int[] key)
    {
        var word = System.Numerics.BigInteger.One << 64;
        var gamma = System.Numerics.BigInteger.Parse("11400714819323198485", System.Globalization.CultureInfo.InvariantCulture);
        System.Numerics.BigInteger Mix(System.Numerics.BigInteger z)
        {
            z = (z ^ (z >> 30)) * 13787848793156543929UL % word;
            z = (z ^ (z >> 27)) * 10723151780598845931UL % word;
            return z ^ (z >> 31);
        }

        var state = key.Aggregate(System.Numerics.BigInteger.Zero, (state, part) => Mix(((state + gamma) % word) ^ part));
        return (ulong)Mix((state + gamma) % word);
    }
}
