namespace OnnxTransfer.Heads.Tests;

public class ConjugateGradientsTests
{
    // Two blocks of two: [[3, 1], [1, 2]] and its double.
    private static readonly double[][] Matrices = [[3, 1, 1, 2], [6, 2, 2, 4]];

    [Test]
    public void Every_block_is_solved_in_as_many_products_as_it_has_unknowns()
    {
        var (step, products) = Solve([5, 5, -10, 0], [1e-12, 1e-12]);
        Assert.That(step, Is.EqualTo(new[] { -1.0, -2, 2, -1 }).Within(1e-12));
        Assert.That(products, Is.EqualTo(2));
    }

    [Test]
    public void A_block_of_an_infinite_tolerance_stays_and_a_loose_one_ends_early()
    {
        var (step, products) = Solve([5, 5, -10, 0], [double.PositiveInfinity, 1e-12]);
        Assert.That(step, Is.EqualTo(new[] { 0, 0, 2.0, -1 }).Within(1e-12));
        Assert.That(products, Is.EqualTo(2));

        // The steepest descent of the first block: 50 / 175 of its residual, (5, 5) - 1 / 3.5 (20, 15), of length 1.01.
        var (loose, more) = Solve([5, 5, -10, 0], [1.02, 1e-12]);
        Assert.That(loose, Is.EqualTo(new[] { -5 / 3.5, -5 / 3.5, 2, -1 }).Within(1e-12));
        Assert.That(more, Is.EqualTo(2));
        Assert.That(Solve([5, 5, 0, 0], [double.PositiveInfinity, double.PositiveInfinity]), Is.EqualTo((new double[4], 0)));
    }

    [Test]
    public void A_preconditioner_that_is_the_inverse_needs_one_product()
    {
        void Inverse(double[] residual, double[] result)
        {
            (result[0], result[1]) = (((2 * residual[0]) - residual[1]) / 5, ((3 * residual[1]) - residual[0]) / 5);
            (result[2], result[3]) = (((2 * residual[2]) - residual[3]) / 10, ((3 * residual[3]) - residual[2]) / 10);
        }

        var (step, products) = Solve([5, 5, -10, 0], [1e-12, 1e-12], precondition: Inverse);
        Assert.That(step, Is.EqualTo(new[] { -1.0, -2, 2, -1 }).Within(1e-12));
        Assert.That(products, Is.EqualTo(1));
    }

    [Test]
    public void No_more_products_are_made_than_allowed([Values(0, 1)] int most)
    {
        var (step, products) = Solve([5, 5, -10, 0], [1e-12, 1e-12], most);
        Assert.That(products, Is.EqualTo(most));
        Assert.That(step[0], Is.EqualTo(most == 0 ? 0 : -5 / 3.5).Within(1e-12));
    }

    [Test]
    public void Where_nothing_bends_the_first_direction_is_the_step()
    {
        var step = new double[2];
        var problem = new SmoothProblem(1, 2, 0, static (_, _, _) => { }, static (_, product) => Array.Clear(product), static (x, result) => x.CopyTo(result, 0));
        Assert.That(new ConjugateGradients(problem).Solve([3, -4], step, [1e-9], 10, default), Is.EqualTo(1));
        Assert.That(step, Is.EqualTo(new[] { -3.0, 4 }));
    }

    [Test]
    public void Where_a_later_direction_does_not_bend_the_step_ends_before_it()
    {
        // It bends along the first unknown alone: twice the residual (2, 2), and what is left, (-2, 2), makes a direction across.
        var step = new double[2];
        var problem = new SmoothProblem(
            1, 2, 0, static (_, _, _) => { }, static (x, product) => (product[0], product[1]) = (x[0], 0), static (x, result) => x.CopyTo(result, 0));
        Assert.That(new ConjugateGradients(problem).Solve([-2, -2], step, [1e-9], 10, default), Is.EqualTo(2));
        Assert.That(step, Is.EqualTo(new[] { 4.0, 4 }));
    }

    [Test]
    public void A_solve_is_begun_anew_each_time_and_cancelled_where_asked()
    {
        var solver = new ConjugateGradients(Problem());
        var step = new double[4];
        solver.Solve([5, 5, -10, 0], step, [1e-12, 1e-12], 1, default);
        solver.Solve([5, 5, -10, 0], step, [1e-12, 1e-12], 9, default);
        Assert.That(step, Is.EqualTo(new[] { -1.0, -2, 2, -1 }).Within(1e-12));
        Assert.That(() => solver.Solve([5, 5, 0, 0], step, [1e-9, 1e-9], 9, new(canceled: true)), Throws.InstanceOf<OperationCanceledException>());
    }

    private static (double[] Step, int Products) Solve(
        double[] gradient, double[] tolerances, int most = 10, Action<double[], double[]>? precondition = null)
    {
        double[] step = [9, 9, 9, 9];
        var products = new ConjugateGradients(Problem(precondition)).Solve(gradient, step, tolerances, most, default);
        return (step, products);
    }

    private static SmoothProblem Problem(Action<double[], double[]>? precondition = null)
    {
        static void Multiply(double[] x, double[] product)
        {
            for (var block = 0; block < 2; block++)
            {
                var (m, at) = (Matrices[block], 2 * block);
                (product[at], product[at + 1]) = ((m[0] * x[at]) + (m[1] * x[at + 1]), (m[2] * x[at]) + (m[3] * x[at + 1]));
            }
        }

        return new SmoothProblem(2, 2, 0, static (_, _, _) => { }, Multiply, precondition ?? (static (x, result) => x.CopyTo(result, 0)));
    }
}
