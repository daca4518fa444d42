namespace OnnxTransfer.Heads.Tests;

public class TruncatedNewtonTests
{
    [Test]
    public void Every_block_comes_to_where_its_gradient_is_small_enough([Values(1e-2, 1e-8)] double tolerance)
    {
        // Least at (1, -2) and at (0.5, 30).
        double[] w = [0, 0, 0, 0];
        var (passes, reached) = TruncatedNewton.Minimise(Bowls([1, -2, 0.5, 30]), w, _ => tolerance, 200, default);
        Assert.That(reached);
        Assert.That(passes, Is.InRange(5, 60));
        Assert.That(w, Is.EqualTo(new[] { 1, -2, 0.5, 30 }).Within(2 * tolerance));
    }

    [Test]
    public void The_tolerance_is_of_a_blocks_value()
    {
        // The value of the second is 5 more, and where it is good enough it stays.
        double[] w = [0, 0, 0, 0];
        var problem = Bowls([1, -2, 0.5, 30], 5);
        var seen = new List<double>();
        TruncatedNewton.Minimise(problem, w, value => { seen.Add(value); return value < 5 ? 1e-9 : 1e9; }, 200, default);
        Assert.That(w, Is.EqualTo(new[] { 1.0, -2, 0, 0 }).Within(1e-8));
        Assert.That((w[2], w[3]), Is.EqualTo((0.0, 0.0)));
        Assert.That(seen, Has.Some.LessThan(1).And.Some.GreaterThan(5));
    }

    [Test]
    public void A_start_that_is_good_enough_costs_one_evaluation()
    {
        double[] w = [1, -2, 0.5, 30];
        Assert.That(TruncatedNewton.Minimise(Bowls([1, -2, 0.5, 30]), w, static _ => 1e-9, 200, default), Is.EqualTo((1, true)));
        Assert.That(w, Is.EqualTo(new[] { 1, -2, 0.5, 30 }));
    }

    [Test]
    public void Passes_are_evaluations_and_products_and_end_where_allowed([Values(1, 2, 4, 7)] int most)
    {
        var calls = 0;
        var problem = Bowls([1, -2, 0.5, 30]);
        var counted = problem with
        {
            Evaluate = (w, gradient, values) => { calls++; problem.Evaluate(w, gradient, values); },
            HessianProduct = (x, product) => { calls++; problem.HessianProduct(x, product); },
        };
        var (passes, reached) = TruncatedNewton.Minimise(counted, [0, 0, 0, 0], static _ => 1e-12, most, default);
        Assert.That(reached, Is.False);
        Assert.That(passes, Is.EqualTo(calls).And.InRange(most, most + 2));
    }

    [Test]
    public void Where_nothing_is_gained_any_more_it_ends()
    {
        // The gradient claims a descent that the values never show.
        var problem = OfOne(1e-6, static (_, gradient, values) => (gradient[0], values[0]) = (1, 1));
        var (passes, reached) = TruncatedNewton.Minimise(problem, [0], static _ => 1e-3, 10_000, default);
        Assert.That(reached, Is.False);
        Assert.That(passes, Is.LessThan(200));
    }

    [Test]
    public void Descent_below_the_noise_counts_as_none_and_three_such_steps_are_the_last()
    {
        // Each step goes 1e-8 down, a tenth of the noise of 100, and the gradient stays.
        var evaluations = 0;
        var problem = OfOne(1e-9, (w, gradient, values) => { evaluations++; (gradient[0], values[0]) = (1e-4, 100 + (1e-4 * w[0])); });
        Assert.That(TruncatedNewton.Minimise(problem, [0], static _ => 1e-12, 10_000, default), Is.EqualTo((7, false)));
        Assert.That(evaluations, Is.EqualTo(4));
    }

    [Test]
    public void Values_that_fall_are_progress_though_the_gradient_stays()
    {
        var problem = OfOne(1e-9, static (w, gradient, values) => (gradient[0], values[0]) = (1, 1000 + w[0]));
        Assert.That(TruncatedNewton.Minimise(problem, [0], static _ => 1e-3, 50, default).Passes, Is.InRange(50, 52));
    }

    [Test]
    public void A_gradient_that_falls_is_progress_though_the_value_stays()
    {
        var evaluations = 0;
        var problem = OfOne(1e-9, (_, gradient, values) => (gradient[0], values[0]) = (Math.Pow(0.5, evaluations++), 1));
        Assert.That(TruncatedNewton.Minimise(problem, [0], static _ => 1e-3, 1000, default), Is.EqualTo((21, true)));
        Assert.That(evaluations, Is.EqualTo(11));
    }

    [Test]
    public void A_step_of_no_length_is_the_last()
    {
        // The value rises wherever the gradient points.
        var products = 0;
        var problem = new SmoothProblem(
            1, 1, 0, static (w, gradient, values) => (gradient[0], values[0]) = (1, 1 + Math.Abs(w[0])),
            (x, product) => { products++; x.CopyTo(product, 0); }, static (x, result) => x.CopyTo(result, 0));
        double[] w = [0];
        Assert.That(TruncatedNewton.Minimise(problem, w, static _ => 1e-3, 10_000, default).Reached, Is.False);
        Assert.That((products, w[0]), Is.EqualTo((1, 0.0)));
    }

    [Test]
    public void A_step_takes_no_more_products_than_passes_are_left()
    {
        // Twenty bends from 1 to 1e6: more products than five are of use.
        double[] bends = [.. Enumerable.Range(0, 20).Select(static i => Math.Pow(10, 6 * i / 19.0))];
        var products = 0;
        var problem = new SmoothProblem(
            1,
            20,
            1e-13,
            (w, gradient, values) => values[0] = w.Select((x, i) => { gradient[i] = (bends[i] * x) - 1; return (0.5 * bends[i] * x * x) - x; }).Sum(),
            (x, product) => { products++; x.Select((value, i) => bends[i] * value).ToArray().CopyTo(product, 0); },
            static (x, result) => x.CopyTo(result, 0));
        TruncatedNewton.Minimise(problem, new double[20], static _ => 1e-9, 6, default);
        Assert.That(products, Is.EqualTo(5));
    }

    [Test]
    public void An_objective_that_is_not_finite_is_refused([Values(double.NaN, double.PositiveInfinity)] double value)
    {
        var problem = Bowls([1, -2, 0.5, 30], value);
        Sentences.Fails(FailureKind.Mathematics, () => TruncatedNewton.Minimise(problem, [0, 0, 0, 0], static _ => 1, 9, default), "not finite", "standardise");
    }

    [Test]
    public void A_cancelled_run_ends() => Assert.That(
        () => TruncatedNewton.Minimise(Bowls([1, -2, 0.5, 30]), [0, 0, 0, 0], static _ => 1e-9, 200, new(canceled: true)),
        Throws.InstanceOf<OperationCanceledException>());

    /// <summary>One unknown, whose second derivative is said to be 1.</summary>
    private static SmoothProblem OfOne(double noise, Action<double[], double[], double[]> evaluate) =>
        new(1, 1, noise, evaluate, static (x, product) => x.CopyTo(product, 0), static (x, result) => x.CopyTo(result, 0));

    /// <summary>Two blocks of two: sum sqrt(1 + (x - least)^2) + (x - least)^2 / 8, less what it is at its least.</summary>
    private static SmoothProblem Bowls(double[] least, double more = 0)
    {
        var bends = new double[4];
        void Evaluate(double[] w, double[] gradient, double[] values)
        {
            (values[0], values[1]) = (0, more);
            for (var i = 0; i < 4; i++)
            {
                var x = w[i] - least[i];
                var root = Math.Sqrt(1 + (x * x));
                values[i / 2] += root - 1 + (x * x / 8);
                gradient[i] = (x / root) + (x / 4);
                bends[i] = (1 / (root * root * root)) + 0.25;
            }
        }

        void Multiply(double[] x, double[] product)
        {
            for (var i = 0; i < 4; i++)
            {
                product[i] = bends[i] * x[i];
            }
        }

        return new SmoothProblem(2, 2, 1e-13, Evaluate, Multiply, static (x, result) => x.CopyTo(result, 0));
    }
}
