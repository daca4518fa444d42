namespace OnnxTransfer.Study.Tests;

public class PairedTestTests
{
    // Two-sided sums of the binomial distribution with p = 1/2, by hand: 2 (1 + 12 + 66) / 4096 and 2 / 32.
    [TestCase(10, 2, 158.0 / 4096)]
    [TestCase(2, 10, 158.0 / 4096)]
    [TestCase(5, 0, 2.0 / 32)]
    [TestCase(3, 3, 1)]
    [TestCase(0, 0, 1)]
    public void The_p_value_is_that_of_a_fair_coin_on_the_images_that_tell_them_apart(int onlyOne, int onlyOther, double expected)
    {
        List<bool?> one = [], other = [];
        void Add(int count, bool? first, bool? second)
        {
            one.AddRange(Enumerable.Repeat(first, count));
            other.AddRange(Enumerable.Repeat(second, count));
        }

        Add(onlyOne, true, false);
        Add(onlyOther, false, true);
        Add(40, true, true);
        Add(7, false, false);
        Add(9, null, true);
        Add(9, false, null);
        Assert.That(PairedTest.PValue(one, other), Is.EqualTo(expected).Within(1e-12));
    }

    [Test]
    public void A_loss_and_its_standard_error_come_from_the_images_that_tell_them_apart()
    {
        var (loss, standardError) = PairedTest.Loss([true, false, false, false, true, null, null], [false, true, true, true, true, true, null]);
        Assert.That((loss, standardError), Is.EqualTo((0.4, 0.4)));
        Assert.That(() => PairedTest.Loss([null], [true]), Throws.ArgumentException);
    }

    [Test]
    public void Other_images_cannot_be_compared() => Assert.That(() => PairedTest.PValue([true], [true, false]), Throws.ArgumentException);

    [Test]
    public void Several_tests_are_held_to_one_level()
    {
        Assert.That(PairedTest.Holm([0.04, 0.01, 0.03]), Is.EqualTo(new[] { 0.06, 0.03, 0.06 }).Within(1e-12));
        Assert.That(PairedTest.Holm([0.9, 0.6]), Is.EqualTo(new[] { 1.0, 1.0 }));
        Assert.That(PairedTest.Holm([]), Is.Empty);
    }
}
