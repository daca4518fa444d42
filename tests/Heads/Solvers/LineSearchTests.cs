namespace OnnxTransfer.Heads.Tests;

public class LineSearchTests
{
    [Test]
    public void A_step_that_descends_enough_is_taken_whole()
    {
        var (length, tries) = Search(static x => ((x - 1) * (x - 1), 2 * (x - 1)));
        Assert.That((length, tries), Is.EqualTo((1.0, 1)));
    }

    [Test]
    public void A_step_that_is_too_long_by_far_ends_near_the_lowest_point([Values(1e-1, 1e-3, 1e-6, 3.7e-9)] double lowest)
    {
        var (length, tries) = Search(x => ((x - lowest) * (x - lowest), 2 * (x - lowest)));
        Assert.That(length, Is.InRange(0.5 * lowest, 2 * lowest));
        Assert.That(tries, Is.LessThan(40));
    }

    [Test]
    public void The_bend_of_a_nearly_piecewise_linear_function_is_found(
        [Values(0.04, 1e-2, 1e-5)] double kink, [Values(1e-2, 1e-5)] double width, [Values(1e-3, 1)] double below)
    {
        // Slope -below up to the kink, rising by 1 over it.
        (double, double) Function(double x)
        {
            var into = Math.Clamp((x - kink) / (width * kink), 0, 1);
            var slope = -below + into;
            var value = (-below * x) + (x <= kink ? 0 : width * kink * into * into / 2) + Math.Max(0, x - (kink * (1 + width)));
            return (value, slope);
        }

        var (length, tries) = Search(Function);
        Assert.That(length, Is.GreaterThan(kink * 0.998));
        Assert.That(Function(length).Item1, Is.LessThan(0));
        Assert.That(tries, Is.LessThan(80));
    }

    [Test]
    public void Where_nothing_descends_there_is_no_step()
    {
        Assert.That(Search(static x => (x == 0 ? 0 : 1, -1)).Length, Is.Zero);
        Assert.That(Search(static _ => (0, 0)).Length, Is.Zero);
        Assert.That(Search(static x => (x, 1)).Length, Is.Zero);
    }

    [Test]
    public void Of_values_that_are_noise_the_slope_decides()
    {
        // At 1 + 1e-15 x the parabola is lost in float64; the slope is not.
        var (length, _) = Search(static x => (1 + (1e-18 * (x - 0.7) * (x - 0.7)), 2e-18 * (x - 0.7)));
        Assert.That(length, Is.EqualTo(1));
    }

    [TestCase(10, 9.9997, 100, true, Description = "enough descent")]
    [TestCase(10, 9.99985, 100, false, Description = "not enough")]
    [TestCase(10, 10.9, 1.5, true, Description = "noise, and a slope that is small")]
    [TestCase(10, 10.9, 1.7, false, Description = "a slope that rises")]
    [TestCase(10, 10.9, -3.9, true, Description = "a slope that falls on")]
    [TestCase(10, 10.9, -4.1, false, Description = "ever more steeply")]
    [TestCase(10, 11.1, 0, false, Description = "more than noise")]
    [TestCase(-10, -9.5, 0, true, Description = "noise below zero")]
    [TestCase(-10, -8.9, 0, false, Description = "and more")]
    public void A_whole_step_is_good_where_it_descends_or_is_noise_and_flat(double value, double next, double nextSlope, bool isGood)
    {
        var search = new LineSearch(value, -2, 0.1);
        search.Try(next, nextSlope);
        Assert.That(search.IsDone, Is.EqualTo(isGood));
        Assert.That(search.Length == 1, Is.EqualTo(isGood));
    }

    [TestCase(6, 0.25, Description = "where the slope is zero on a line")]
    [TestCase(0.05, 0.5, Description = "too near the far end")]
    [TestCase(100, 0.5, Description = "too near the near one")]
    [TestCase(18, 0.1)]
    [TestCase(double.NaN, 0.5)]
    public void After_a_length_that_was_too_much_comes_a_part_of_it(double slope, double part)
    {
        var search = new LineSearch(0, -2, 0);
        search.Try(1, slope);
        Assert.That((search.Length, search.IsDone), Is.EqualTo((part, false)));
        search.Try(part * -1e-4, Math.Max(slope, 2));
        Assert.That(search.Length, Is.EqualTo(part * part), "half of the descent that is enough at this length");
        search.Try(part * part * -3e-4, 5);
        Assert.That(search.IsDone, "one and a half of it");
    }

    [Test]
    public void A_short_step_that_is_still_steep_is_made_longer_up_to_what_was_too_much()
    {
        LineSearch Short()
        {
            var search = new LineSearch(0, -2, 0);
            for (var length = 1.0; length > 0.0625; length /= 2)
            {
                search.Try(1, 100);
            }

            search.Try(1, 4.5);
            return search;
        }

        // 2 / 6.5 of 0.0625 is 0.019; from there, with a slope of -1.5, a quarter of the rest.
        var longer = Short();
        var low = longer.Length;
        longer.Try(-1, -1.5);
        Assert.That(longer.IsDone, Is.False);
        Assert.That(longer.Length, Is.EqualTo(low + (0.25 * (0.0625 - low))).Within(1e-15));
        longer.Try(-1, -0.9);
        Assert.That(longer.IsDone, "no longer steep");

        var steep = Short();
        var (last, tries) = (0.0, 0);
        for (; !steep.IsDone; tries++)
        {
            last = steep.Length;
            steep.Try(-1, steep.Length < 0.045 ? -1.5 : -1.9);
        }

        Assert.That(steep.Length, Is.EqualTo(last).And.InRange(0.05, 0.0625), "long enough");
        Assert.That(tries, Is.LessThan(12));
    }

    [Test]
    public void Short_steps_end_within_a_thousandth_of_what_is_too_much_or_at_nothing()
    {
        var (search, tries) = (new LineSearch(0, -2, 0), 0);
        for (; !search.IsDone; tries++)
        {
            var isShort = search.Length < 0.03;
            search.Try(isShort ? -1 : 1, isShort ? -1.9 : 100);
        }

        Assert.That(search.Length, Is.InRange(0.03 * (1 - 2e-3), 0.03));
        Assert.That(tries, Is.InRange(10, 18));
        Assert.That(Search(static x => (x == 0 ? 0 : 1, -1)).Tries, Is.InRange(30, 40));
    }

    [Test]
    public void A_search_that_is_done_stays_where_it_is()
    {
        var search = new LineSearch(0, -2, 0);
        search.Try(-1, 0);
        search.Try(5, 6);
        Assert.That((search.Length, search.IsDone), Is.EqualTo((1.0, true)));
    }

    private static (double Length, int Tries) Search(Func<double, (double Value, double Slope)> function)
    {
        var (value, slope) = function(0);
        var search = new LineSearch(value, slope, 1e-13);
        var tries = 0;
        while (!search.IsDone)
        {
            (value, slope) = function(search.Length);
            search.Try(value, slope);
            tries++;
        }

        return (search.Length, tries);
    }
}
