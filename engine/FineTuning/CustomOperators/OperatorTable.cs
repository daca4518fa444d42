namespace OnnxTransfer.FineTuning;

/// <summary>The one table of the operators that are written here.</summary>
internal static class OperatorTable
{
    /// <summary>All of them.</summary>
    public static IReadOnlyList<CustomOperator> All { get; } =
    [
        After.Operator,
        ReluMask.Operator,
        ClipMask.Operator,
        ActivationReturn.Operator,
        MaxPoolReturn.Operator,
        BatchStatistics.Operator,
        Normalisation.Operator,
        NormalisationReturn.Operator,
        DepthwiseOperators.Forward,
        DepthwiseOperators.OfInput,
        DepthwiseOperators.OfWeights,
        DepthwiseReturn.Operator,
        PointwiseWeightGradient.Operator,
        WinogradConv.Forward,
        WinogradConv.OfInput,
        WinogradWeightGradient.Operator,
    ];
}
