namespace OnnxTransfer.Heads;

/// <summary>
/// Preconditioned conjugate gradients (Hestenes and Stiefel, 1952) for the step of a Newton method; the blocks of the
/// problem run side by side, each with its own lengths and its own end.
/// </summary>
internal sealed class ConjugateGradients(SmoothProblem problem)
{
    private readonly double[] residual = new double[problem.Size];
    private readonly double[] preconditioned = new double[problem.Size];
    private readonly double[] direction = new double[problem.Size];
    private readonly double[] product = new double[problem.Size];
    private readonly double[] weights = new double[problem.Blocks];
    private readonly bool[] open = new bool[problem.Blocks];

    /// <summary>
    /// Solves H step = -gradient from zero on until every block's residual is at most its tolerance in norm; a block
    /// whose tolerance is infinite gets no step.
    /// </summary>
    /// <returns>The Hessian products it took.</returns>
    public int Solve(double[] gradient, double[] step, double[] tolerances, int most, CancellationToken cancellation)
    {
        Array.Clear(step);
        for (var block = 0; block < open.Length; block++)
        {
            open[block] = double.IsFinite(tolerances[block]);
            weights[block] = 0;
        }

        for (var i = 0; i < gradient.Length; i++)
        {
            residual[i] = -gradient[i];
        }

        Array.Clear(direction);
        var iterations = 0;
        for (NextDirection(); iterations < most && open.Contains(true); NextDirection())
        {
            cancellation.ThrowIfCancellationRequested();
            problem.HessianProduct(direction, product);
            iterations++;
            for (var block = 0; block < open.Length; block++)
            {
                if (open[block])
                {
                    Advance(block, problem.Block(step, block), tolerances[block], iterations == 1);
                }
            }
        }

        return iterations;
    }

    private void Advance(int block, Span<double> step, double tolerance, bool isFirst)
    {
        var along = problem.Block(direction, block);
        var left = problem.Block(residual, block);
        var bend = VectorArithmetic.Dot(along, problem.Block(product, block));
        if (!(bend > 0))
        {
            // A flat direction (or rounding): what there is by now descends; the first direction does in any case.
            VectorArithmetic.AddScaled(isFirst ? 1 : 0, along, step);
            Close(block);
            return;
        }

        var length = weights[block] / bend;
        VectorArithmetic.AddScaled(length, along, step);
        VectorArithmetic.AddScaled(-length, problem.Block(product, block), left);
        if (Math.Sqrt(VectorArithmetic.Dot(left, left)) <= tolerance)
        {
            Close(block);
        }
    }

    private void Close(int block)
    {
        open[block] = false;
        problem.Block(direction, block).Clear();
        problem.Block(residual, block).Clear();
    }

    private void NextDirection()
    {
        if (!open.Contains(true))
        {
            return;
        }

        problem.Precondition(residual, preconditioned);
        for (var block = 0; block < open.Length; block++)
        {
            if (!open[block])
            {
                continue;
            }

            var along = problem.Block(direction, block);
            var from = problem.Block(preconditioned, block);
            var weight = VectorArithmetic.Dot(problem.Block(residual, block), from);
            var ratio = weights[block] == 0 ? 0 : weight / weights[block];
            weights[block] = weight;
            for (var i = 0; i < along.Length; i++)
            {
                along[i] = from[i] + (ratio * along[i]);
            }
        }
    }
}
