namespace OnnxTransfer.FineTuning;

/// <summary>
/// Max and Min, y = the extreme of a, b, ...: dy goes to the input that has it, in equal parts where several do, as PyTorch
/// has it; summed over the axes that were repeated.
/// </summary>
internal static class ExtremeGradient
{
    /// <summary>The rule.</summary>
    public static void Rule(GradientNode node)
    {
        if (node.Inputs == 1)
        {
            node.Give(0, node.Gradient);
            return;
        }

        string[] has = [.. Enumerable.Range(0, node.Inputs).Select(input => node.Indicator(node.Add("Equal", [node.Input(input), node.Output()])))];
        var share = node.Add("Div", [node.Gradient, node.Add("Sum", has)]);
        foreach (var input in Enumerable.Range(0, node.Inputs).Where(node.Needs))
        {
            node.Give(input, Repeated.Sum(node, node.Mul(share, has[input]), node.Input(input)));
        }
    }
}
