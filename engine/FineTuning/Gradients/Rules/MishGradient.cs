namespace OnnxTransfer.FineTuning;

/// <summary>y = x t with t = tanh(log(1 + exp x)): dx = dy (t + x (1 - t²) / (1 + exp(-x))).</summary>
internal static class MishGradient
{
    /// <summary>The rule.</summary>
    public static void Rule(GradientNode node)
    {
        var x = node.Input(0);
        var gate = node.Add("Tanh", [node.Add("Softplus", [x])]);
        var bend = node.Add("Sub", [node.Scalar(1), node.Mul(gate, gate)]);
        var slope = node.Mul(node.Mul(x, node.Add("Sigmoid", [x])), bend);
        node.Give(0, node.Mul(node.Gradient, node.Add("Add", [gate, slope])));
    }
}
