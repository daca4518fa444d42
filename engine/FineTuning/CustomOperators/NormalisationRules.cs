using OnnxTransfer.Onnx;

namespace OnnxTransfer.FineTuning;

/// <summary>
/// Batch normalisations in <see cref="Normalisation"/> and <see cref="NormalisationReturn"/>, with the Relu or Clip behind them where
/// nothing else reads what is between: the map is then written once on the way there and read twice on the way back.
/// </summary>
internal static class NormalisationRules
{
    /// <summary>The rule of a BatchNormalization that is not in training mode.</summary>
    public static void BatchNormalization(GradientNode node)
    {
        if (!IsNormalisation(node))
        {
            BatchNormalizationGradient.Rule(node);
            return;
        }

        Append(node, node.Input(3), node.Input(4), batch: false);
    }

    /// <summary>The gradients of a normalisation by a mean and a variance, which are the batch's or given.</summary>
    public static void Append(GradientNode node, string mean, string variance, bool batch)
    {
        var epsilon = ("epsilon", (object)node.Node.Float("epsilon", 1e-5f));
        var (low, high) = (float.NegativeInfinity, float.PositiveInfinity);
        if (Activation(node.Output(), node.Shapes) is { } activation)
        {
            (low, high) = (activation.Above, activation.Below);
            node.Graph.Import(CustomDomain.Id, CustomDomain.Version);
            node.Graph.Become(node.Output(), CustomDomain.Id, Normalisation.Operator.Name, epsilon, ("low", activation.Low), ("high", activation.High));
            node.Graph.Absorb(node.Output(), activation.Output);
        }

        var found = CustomRules.Add(
            node, NormalisationReturn.Operator, [node.Gradient, node.Input(0), node.Input(1), node.Input(2), mean, variance],
            epsilon, ("low", low), ("high", high), ("batch", (long[])[batch ? 1 : 0]));
        CustomRules.GiveMap(node, found[0]);
        node.Give(1, found[1]);
        node.Give(2, found[2]);
    }

    /// <summary>Whether the gradient of an activation is taken by the normalisation before it.</summary>
    public static bool IsMasked(GradientNode activation) =>
        activation.Producer(0) is { } before && before.Op == "BatchNormalization" && IsNormalisation(before) && Activation(before.Output(), before.Shapes) is not null;

    // The batch's statistics, or given ones that are not learned themselves.
    private static bool IsNormalisation(GradientNode node) =>
        node.Shapes.Graph.Producer(node.Input(3)) is { Domain: CustomDomain.Id } || (!node.Needs(3) && !node.Needs(4) && (node.Needs(1) || node.Needs(2)));

    // The one reader of a map, where it is a Relu or a Clip between constants: what it makes, its bounds, and the open interval that gradients pass in.
    private static (string Output, float Low, float High, float Above, float Below)? Activation(string map, GraphShapes shapes)
    {
        var graph = shapes.Graph;
        if (graph.Outputs.Any(output => output.Name == map) || graph.Consumers(map) is not [{ Domain: "" or "ai.onnx" } reader] || reader.Input[0] != map)
        {
            return null;
        }

        if (reader.OpType == "Relu")
        {
            return (reader.Output[0], 0, float.PositiveInfinity, 0, float.PositiveInfinity);
        }

        return reader.OpType == "Clip" && Bound(1, float.NegativeInfinity) is { } low && Bound(2, float.PositiveInfinity) is { } high
            ? (reader.Output[0], low, high, MathF.BitDecrement(low), MathF.BitIncrement(high))
            : null;

        float? Bound(int input, float none) => reader.Input.Count <= input || reader.Input[input].Length == 0 ? none
            : graph.Constant(reader.Input[input]) is { } tensor && TensorData.Floats(tensor) is [var bound] ? bound : null;
    }
}
