namespace OnnxTransfer.Heads;

/// <summary>All that a solver knows of a loss on given targets: on a row in both precisions, and the dual side.</summary>
/// <param name="Targets">What is true of the rows.</param>
/// <param name="Separable">Whether it is a sum over the classes, each of which depends on its own score alone.</param>
/// <param name="IsSmooth">Whether its slope is continuous; else <paramref name="Double"/> gives one of its subgradients, and no curvature.</param>
/// <param name="IsQuadratic">Whether its curvature is the same everywhere.</param>
/// <param name="Single">On a row in float32, for iterations.</param>
/// <param name="Double">On a row in float64, for certificates.</param>
/// <param name="Balance">Moves slopes to dual-feasible ones near by, with column sums of zero (the free intercept's condition).</param>
/// <param name="DualValue">A lower bound of the objective, from feasible slopes G, the squared norms of the rows of G'X, and C.</param>
internal sealed record LossFunction(
    Targets Targets, bool Separable, bool IsSmooth, bool IsQuadratic, RowSlope<float> Single, RowSlope<double> Double, Action<DualPoint> Balance, Func<DualPoint, double[], double, double> DualValue)
{
    /// <summary>The loss on a row in the precision T.</summary>
    public RowSlope<T> On<T>() => Single as RowSlope<T> ?? Double as RowSlope<T> ?? throw new NotSupportedException($"{typeof(T)}");

    /// <summary>The functions of a loss.</summary>
    public static LossFunction Of(HeadLoss loss, Targets targets) => loss switch
    {
        HeadLoss.Softmax => SoftmaxLoss.On(targets),
        HeadLoss.SquaredHinge => SquaredHingeLoss.On(targets),
        HeadLoss.Logistic => LogisticLoss.On(targets),
        HeadLoss.Ridge => RidgeLoss.On(targets),
        HeadLoss.Hinge => HingeLoss.On(targets),
        HeadLoss.CrammerSinger => CrammerSingerLoss.On(targets),
        _ => throw new ArgumentOutOfRangeException(nameof(loss), loss, null),
    };
}

/// <summary>
/// Weighted slopes G (N x K) at which a dual value is taken; the dual variables of shared notation are a = -C G.
/// </summary>
internal sealed record DualPoint(double[] Slopes, Targets Targets)
{
    /// <summary>N.</summary>
    public int Rows => Targets.Rows;

    /// <summary>K.</summary>
    public int Classes => Targets.Classes;

    /// <summary>The slopes of a row.</summary>
    public Span<double> Row(int row) => Slopes.AsSpan(row * Classes, Classes);
}
