using System.Numerics;

namespace OnnxTransfer.Heads;

/// <summary>
/// f(W, b) = 1/2 ||W||^2 [+ 1/2 ||b||^2] + C sum_i loss(W x_i + b, y_i) as a smooth problem in K x (D + 1) unknowns.
/// Value and gradient are one pass over the codes (less their centre, which a free intercept makes up for) in the
/// precision T; weights and gradients are float64.
/// </summary>
internal sealed class HeadProblem<T> : IDisposable where T : unmanaged, IFloatingPointIeee754<T>
{
    private readonly RowSlabs slabs;
    private readonly int classes;
    private readonly int threads;
    private readonly RowSlope<T> loss;
    private readonly int blocks;
    private readonly double interceptPenalty;
    private readonly CodePass<T> pass;
    private readonly double[] losses;

    public HeadProblem(RowSlabs slabs, LossFunction loss, bool penalizeIntercept, HeadHessian hessian, int threads)
    {
        (this.slabs, classes, this.threads, Hessian) = (slabs, loss.Targets.Classes, threads, hessian);
        (this.loss, blocks) = (loss.On<T>(), loss.Separable ? classes : 1);
        interceptPenalty = penalizeIntercept ? 1 : 0;
        pass = new CodePass<T>(slabs, classes, threads);
        losses = new double[slabs.Count * blocks];
    }

    // Rounding errors of a sum of losses, generously.
    private static double Noise => typeof(T) == typeof(float) ? 1e-6 : 1e-13;

    /// <summary>The losses' second derivative at the last point, and with it C.</summary>
    public HeadHessian Hessian { get; }

    /// <summary>The problem as solvers know it.</summary>
    public SmoothProblem Smooth => new(blocks, classes / blocks * (slabs.Codes.Columns + 1), Noise, Evaluate, HessianProduct, Hessian.Precondition);

    public void Dispose() => pass.Dispose();

    private void Evaluate(double[] w, double[] gradient, double[] values)
    {
        Hessian.Move();
        Array.Clear(losses);
        pass.Run(w, Slopes, gradient);
        foreach (ref var value in gradient.AsSpan())
        {
            value *= Hessian.C;
        }

        Hessian.Damp(gradient);
        AddPenalty(w, gradient, values);
        for (var i = 0; i < losses.Length; i++)
        {
            values[i % blocks] += Hessian.C * losses[i];
        }
    }

    private void HessianProduct(double[] direction, double[] product)
    {
        Hessian.Multiply(direction, product);
        AddPenalty(direction, product, new double[blocks]);
    }

    /// <summary>Adds the penalty's gradient to sums over the codes; sets values to the penalty's.</summary>
    private void AddPenalty(double[] w, double[] sums, double[] values)
    {
        var width = slabs.Codes.Columns + 1;
        var penalties = new double[classes];
        Workers.For(classes, threads, (k, _) =>
        {
            var row = w.AsSpan(k * width, width);
            var target = sums.AsSpan(k * width, width);
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
        for (var i = 0; i < rows; i++)
        {
            var row = first + i;
            loss(row, scores.Slice(i * stride, classes), Hessian.Curvatures.AsSpan(row * classes, classes), losses.AsSpan(slab * blocks, blocks));
        }
    }
}
