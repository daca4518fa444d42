namespace OnnxTransfer.FineTuning.Tests.Reference;

/// <summary>Activations, and the functions that they are made of.</summary>
internal static class ActivationOperators
{
    public static readonly (string Op, Func<RefNode, Nd[]> Compute)[] All =
    [
        ("Relu", node => Each(node, x => Math.Max(x, 0))),
        ("LeakyRelu", node => Each(node, x => x < 0 ? node.Float("alpha", 0.01f) * x : x)),
        ("PRelu", node => [ElementwiseOperators.Combine(node[0], node[1], (x, slope) => x < 0 ? slope * x : x)]),
        ("Clip", Clip),
        ("Sigmoid", node => Each(node, Sigmoid)),
        ("Tanh", node => Each(node, Math.Tanh)),
        ("HardSigmoid", node => Each(node, x => Math.Clamp((node.Float("alpha", 0.2f) * x) + node.Float("beta", 0.5f), 0, 1))),
        ("HardSwish", node => Each(node, x => x * Math.Clamp((x / 6) + 0.5, 0, 1))),
        ("Softplus", node => Each(node, Softplus)),
        ("Elu", node => Each(node, x => x < 0 ? node.Float("alpha", 1) * (Math.Exp(x) - 1) : x)),
        ("Selu", node => Each(node, x => node.Float("gamma", 1.05070102214813232421875f)
            * (x > 0 ? x : node.Float("alpha", 1.67326319217681884765625f) * (Math.Exp(x) - 1)))),
        ("Swish", node => Each(node, x => x * Sigmoid(node.Float("alpha", 1) * x))),
        ("Mish", node => Each(node, x => x * Math.Tanh(Softplus(x)))),
        ("Erf", node => Each(node, Erf)),
        ("Gelu", node => Each(node, x => node.Text("approximate", "none") == "tanh"
            ? 0.5 * x * (1 + Math.Tanh(Math.Sqrt(2 / Math.PI) * (x + (0.044715 * x * x * x))))
            : 0.5 * x * (1 + Erf(x / Math.Sqrt(2))))),
        ("Softmax", node => [Softmax(node)]),
        ("LogSoftmax", node => [ElementwiseOperators.Map(Softmax(node), Math.Log)]),
    ];

    // The series of the error function: 2/√π sum (-1)^n x^(2n+1) / (n! (2n+1)); x is small in tests.
    public static double Erf(double x)
    {
        var (term, sum) = (x, x);
        for (var n = 1; n < 200; n++)
        {
            term *= -x * x / n;
            sum += term / ((2 * n) + 1);
        }

        return 2 / Math.Sqrt(Math.PI) * sum;
    }

    private static Nd[] Each(RefNode node, Func<double, double> function) => [ElementwiseOperators.Map(node[0], function)];

    private static double Sigmoid(double x) => 1 / (1 + Math.Exp(-x));

    private static double Softplus(double x) => Math.Max(x, 0) + Math.Log(1 + Math.Exp(-Math.Abs(x)));

    private static Nd[] Clip(RefNode node)
    {
        var low = node.Has(1) ? node[1].Floats[0] : double.NegativeInfinity;
        var high = node.Has(2) ? node[2].Floats[0] : double.PositiveInfinity;
        return Each(node, x => Math.Min(Math.Max(x, low), high));
    }

    private static Nd Softmax(RefNode node)
    {
        var axis = node.Axis("axis", -1, node[0].Rank);
        var sums = ReductionOperators.Reduce(ElementwiseOperators.Map(node[0], Math.Exp), [axis], true, values => values.Sum());
        return ElementwiseOperators.Combine(ElementwiseOperators.Map(node[0], Math.Exp), sums, (a, b) => a / b);
    }
}
