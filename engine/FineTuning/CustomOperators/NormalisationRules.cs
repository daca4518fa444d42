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
        if (!Has(node))
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
        if (Activation.Behind(node.Output(), node.Shapes.Graph) is { } activation)
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

    /// <summary>Whether a node is a normalisation by the batch's statistics, or by given ones that are not learned themselves.</summary>
    public static bool Has(GradientNode node) => node.Op == "BatchNormalization"
        && (node.Shapes.Graph.Producer(node.Input(3)) is { Domain: CustomDomain.Id } || (!node.Needs(3) && !node.Needs(4) && (node.Needs(1) || node.Needs(2))));
}
