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
