namespace OnnxTransfer.Heads;

/// <summary>All that is known of a loss: on a row in both precisions, and the dual side.</summary>
/// <param name="Separable">Whether it is a sum over the classes, each of which depends on its own score alone.</param>
/// <param name="Single">In float32, for iterations.</param>
/// <param name="Double">In float64, for certificates.</param>
/// <param name="Balance">Moves slopes to dual-feasible ones near by, with column sums of zero (the free intercept's condition).</param>
/// <param name="DualValue">A lower bound of the objective from feasible slopes.</param>
internal sealed record LossFunction(
    bool Separable, RowLoss<float> Single, RowLoss<double> Double, Action<DualPoint> Balance, Func<DualPoint, double[], double, double> DualValue)
{
    /// <summary>The loss on a row in the precision T.</summary>
    public RowLoss<T> On<T>() => Single as RowLoss<T> ?? Double as RowLoss<T> ?? throw new NotSupportedException($"{typeof(T)}");

    /// <summary>The functions of a loss.</summary>
    public static LossFunction Of(HeadLoss loss) => loss switch
    {
        HeadLoss.Softmax => new(false, SoftmaxLoss.On<float>(), SoftmaxLoss.On<double>(), SoftmaxLoss.Balance, SoftmaxLoss.DualValue),
        HeadLoss.SquaredHinge => new(
            true, SquaredHingeLoss.On<float>(), SquaredHingeLoss.On<double>(), SquaredHingeLoss.Balance, SquaredHingeLoss.DualValue),
        _ => throw new ArgumentOutOfRangeException(nameof(loss), loss, null),
    };
}

/// <summary>
/// Slopes G (N x K) at which a dual value is taken; the dual variables of shared notation are a = -C G.
/// </summary>
internal sealed record DualPoint(double[] Slopes, int[] Truth, int Classes)
{
    /// <summary>The slopes of a row.</summary>
    public Span<double> Row(int row) => Slopes.AsSpan(row * Classes, Classes);
}
