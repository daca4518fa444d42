using System.Numerics;

namespace OnnxTransfer.Heads;

/// <summary>
/// f(W, b) = 1/2 ||W||^2 [+ 1/2 ||b||^2] + C sum_i loss(W x_i + b, y_i) as a smooth problem in K x (D + 1) unknowns.
/// Every function is one pass over the codes (less their centre, which a free intercept makes up for) in the precision T; weights and gradients are float64.
/// </summary>
internal sealed class HeadProblem<T> : IDisposable where T : unmanaged, IFloatingPointIeee754<T>
{
    private readonly RowSlabs slabs;
    private readonly int[] truth;
    private readonly int classes;
    private readonly int threads;
    private readonly RowLoss<T> loss;
    private readonly int blocks;
    private readonly double interceptPenalty;
    private readonly HeadPreconditioner preconditioner;
    private readonly CodePass<T> pass;
    private readonly double[] diagonals;
    private readonly double[] losses;

    public HeadProblem(
        RowSlabs slabs, int[] truth, int classes, LossFunction loss, bool penalizeIntercept, SpectralBasis basis, int threads)
    {
        (this.slabs, this.truth, this.classes, this.threads) = (slabs, truth, classes, threads);
        (this.loss, blocks) = (loss.On<T>(), loss.Separable ? classes : 1);
        interceptPenalty = penalizeIntercept ? 1 : 0;
        preconditioner = new HeadPreconditioner(slabs, classes, loss.Separable, penalizeIntercept, basis, threads);
        pass = new CodePass<T>(slabs, classes, threads);
        diagonals = new double[slabs.Count * classes];
        losses = new double[slabs.Count * blocks];
    }

    // Rounding errors of a sum of losses, generously.
    private static double Noise => typeof(T) == typeof(float) ? 1e-6 : 1e-13;

    /// <summary>The weight of the loss; may change between solves.</summary>
    public double C { get; set; } = 1;

    /// <summary>
    /// The losses' curvatures at the last point, N x K; made when first needed, and lent from problem to problem where
    /// these are solved in turn.
    /// </summary>
    public T[] Curvatures { get; set; } = [];

    /// <summary>The problem as solvers know it.</summary>
    public SmoothProblem Smooth => new(blocks, classes / blocks * (slabs.Codes.Columns + 1), Noise, Evaluate, HessianProduct, Precondition);

    public void Dispose()
    {
        pass.Dispose();
        preconditioner.Dispose();
    }

    private void Evaluate(double[] w, double[] gradient, double[] values)
    {
        preconditioner.Move();
        if (Curvatures.Length == 0)
        {
            Curvatures = new T[slabs.Codes.Rows * classes];
        }

        Array.Clear(diagonals);
        Array.Clear(losses);
        pass.Run(w, Slopes, gradient);
        AddPenalty(w, gradient, values);
        for (var i = 0; i < losses.Length; i++)
        {
            values[i % blocks] += C * losses[i];
        }
    }

    private void HessianProduct(double[] direction, double[] product)
    {
        preconditioner.CountProduct();
        pass.Run(direction, Curve, product);
        AddPenalty(direction, product, new double[blocks]);
    }

    private void Precondition(double[] residual, double[] result) =>
        preconditioner.Solve(C, Curvatures, diagonals, residual, result);

    /// <summary>Turns sums over the codes into C times them plus the penalty's part; sets values to the penalty's.</summary>
    private void AddPenalty(double[] w, double[] sums, double[] values)
    {
        var width = slabs.Codes.Columns + 1;
        var penalties = new double[classes];
        Workers.For(classes, threads, (k, _) =>
        {
            var row = w.AsSpan(k * width, width);
            var target = sums.AsSpan(k * width, width);
            foreach (ref var value in target)
            {
                value *= C;
            }

            VectorArithmetic.AddScaled(1, row[..^1], target);
            target[^1] += interceptPenalty * row[^1];
            penalties[k] = 0.5 * (VectorArithmetic.Dot(row[..^1], row) + (interceptPenalty * row[^1] * row[^1]));
        });
        Array.Clear(values);
        for (var k = 0; k < classes; k++)
        {
            values[k % blocks] += penalties[k];
        }
    }

    private void Slopes(int slab, int first, int rows, Span<T> scores, int stride)
    {
        var diagonal = diagonals.AsSpan(slab * classes, classes);
        for (var i = 0; i < rows; i++)
        {
            var curvature = Curvatures.AsSpan((first + i) * classes, classes);
            loss.Slope(scores.Slice(i * stride, classes), truth[first + i], curvature, losses.AsSpan(slab * blocks, blocks));
            loss.AddDiagonal(curvature, diagonal);
        }
    }

    private void Curve(int slab, int first, int rows, Span<T> scores, int stride)
    {
        for (var i = 0; i < rows; i++)
        {
            loss.Curve(scores.Slice(i * stride, classes), Curvatures.AsSpan((first + i) * classes, classes));
        }
    }
}
