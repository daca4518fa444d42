namespace OnnxTransfer.Heads;

/// <summary>
/// The sum over the codes of a loss's second derivative at a point, for products and as an approximate inverse. It is
/// taken in float32, and where few pairs of a row and a class bend, over those alone; what the others add is
/// approximated by their sum along the codes' spectrum. Newton's method then needs a step more at times, and the gradient,
/// which is exact, alone says where it ends.
/// </summary>
internal sealed class HeadHessian(RowSlabs slabs, LossFunction loss, bool penalizeIntercept, SpectralBasis basis, int threads) : IDisposable
{
    // Scores are about 1 apart, and rows bend where they are.
    private const double InterceptReach = 4;

    private readonly int classes = loss.Targets.Classes;
    private readonly bool isCoupled = !loss.Separable;
    private readonly ActivePairs pairs = new(slabs, loss.Targets.Classes);
    private readonly HeadPreconditioner preconditioner = new(slabs, loss.Targets.Classes, !loss.Separable, penalizeIntercept, basis, threads);
    private readonly PairProduct sparse = new(slabs, loss.Targets.Classes, threads);
    private readonly CodePass<float> dense = new(slabs, loss.Targets.Classes, threads);
    private readonly QuadraticInverse? quadratic = loss.IsQuadratic && QuadraticInverse.Fits(slabs) ? new(slabs, loss.Targets, penalizeIntercept, basis, threads) : null;
    private readonly double[] damping = new double[loss.Targets.Classes];
    private bool isStale = true;

    /// <summary>C.</summary>
    public double C { get; set; } = 1;

    /// <inheritdoc cref="HeadPreconditioner.FactorsAtOnce"/>
    public bool FactorsAtOnce
    {
        get => preconditioner.FactorsAtOnce;
        set => preconditioner.FactorsAtOnce = value;
    }

    /// <summary>
    /// A pair of a row and a class is left out of products where C times its second derivative times ||x||^2 + 1, which is
    /// the most that it adds to the penalty's 1 in any direction, is at most this.
    /// </summary>
    public double Threshold { get; set; } = 0.03;

    /// <summary>
    /// The losses' curvatures at the point, N x K; made when first needed, and lent from problem to problem where these
    /// are solved in turn.
    /// </summary>
    public float[] Curvatures { get; set; } = [];

    /// <summary>The point moves: its curvatures are written next.</summary>
    public void Move()
    {
        preconditioner.Move();
        isStale = true;
        if (Curvatures.Length == 0)
        {
            Curvatures = new float[slabs.Codes.Rows * classes];
        }
    }

    /// <summary>
    /// A loss that is linear on both sides may leave a free intercept no curvature at all: there is added what keeps the
    /// intercept's step within reach of the rows that bend (Levenberg, 1944).
    /// </summary>
    /// <param name="gradient">C times the losses' gradient, K x (D + 1).</param>
    public void Damp(double[] gradient)
    {
        var width = slabs.Codes.Columns + 1;
        var steepest = 0.0;
        for (var k = 0; k < classes; k++)
        {
            damping[k] = loss.IsSmooth ? 0 : Math.Abs(gradient[(k * width) + width - 1]) / InterceptReach;
            steepest = Math.Max(steepest, damping[k]);
        }

        if (isCoupled)
        {
            Array.Fill(damping, steepest);
        }
    }

    /// <summary>Lets go of all that the next point makes anew, so that a proof or another problem has its room.</summary>
    public void Release()
    {
        Curvatures = [];
        pairs.Release();
        isStale = true;
    }

    /// <summary>Sets <paramref name="product"/> to C times the sum over the codes times the direction (both K x (D + 1)).</summary>
    public void Multiply(double[] direction, double[] product)
    {
        Find();
        preconditioner.CountProduct();
        if (pairs.AreMany)
        {
            dense.Run(direction, Curve, product);
        }
        else
        {
            sparse.Run(direction, pairs, isCoupled, product);
        }

        var width = slabs.Codes.Columns + 1;
        Workers.For(classes, threads, (k, _) =>
        {
            var target = product.AsSpan(k * width, width);
            foreach (ref var value in target)
            {
                value *= C;
            }

            target[^1] += damping[k] * direction[(k * width) + width - 1];
            if (!pairs.AreMany && pairs.LeftOut[k] > 0)
            {
                basis.AddProduct(C * pairs.LeftOut[k] / basis.Rows, direction.AsSpan(k * width, width), target);
            }
        });
    }

    /// <summary>Sets <paramref name="result"/> to about (penalty + this)^-1 times the residual.</summary>
    public void Precondition(double[] residual, double[] result)
    {
        if (quadratic is not null)
        {
            quadratic.Solve(C, residual, result);
            return;
        }

        Find();
        preconditioner.Solve(C, Curvatures, pairs, residual, result);
    }

    public void Dispose()
    {
        preconditioner.Dispose();
        quadratic?.Dispose();
        sparse.Dispose();
        dense.Dispose();
    }

    private void Find()
    {
        if (isStale)
        {
            isStale = false;
            pairs.Find(Curvatures, isCoupled, basis.SquaredNorms, Threshold / C, threads);
        }
    }

    private void Curve(int slab, int first, int rows, Span<float> scores, int stride)
    {
        for (var i = 0; i < rows; i++)
        {
            Curvature.Apply(scores.Slice(i * stride, classes), Curvatures.AsSpan((first + i) * classes, classes), isCoupled);
        }
    }
}
