using OnnxTransfer.Onnx;
using static OnnxTransfer.Onnx.Protos.TensorProto.Types;

namespace OnnxTransfer.FineTuning;

/// <summary>
/// The optimizer as a graph in standard operators. Inputs: each parameter, its gradient and its moments, and three scalars;
/// outputs: each parameter and its moments after the update, and the length of the gradient.
/// </summary>
internal static class UpdateGraph
{
    /// <summary>The input of the learning rate, before each parameter's factor: a scalar.</summary>
    public const string Rate = "rate";

    /// <summary>The input that gradients are multiplied by, 1 over the number of batches they are the sum of: a scalar.</summary>
    public const string Share = "share";

    /// <summary>The input of t, the number of this update, from 1: a scalar.</summary>
    public const string UpdateNumber = "update";

    /// <summary>The output of the length of the mean gradient, before it is clipped: a scalar.</summary>
    public const string Length = "length";

    private const long Opset = 17;
    private const long IrVersion = 8;

    /// <summary>The input of a parameter's gradient.</summary>
    public static string Gradient(Parameter parameter) => parameter.Name + "/gradient";

    /// <summary>The input of a moment.</summary>
    public static string Moment(Parameter parameter, int index) => $"{parameter.Name}/momentum{index}";

    /// <summary>The output of a parameter, or of a moment, after the update.</summary>
    public static string Next(string input) => input + "/next";

    /// <summary>Makes the graph.</summary>
    /// <param name="parameters">What is updated.</param>
    /// <param name="optimizer">How.</param>
    /// <param name="clip">The length that the mean gradient of all parameters together is shortened to; null: it is not (Pascanu et al. 2013).</param>
    public static OnnxModel Make(IReadOnlyList<Parameter> parameters, Optimizer optimizer, double? clip)
    {
        var graph = GraphBuilder.Empty("update", Opset, IrVersion);
        foreach (var scalar in new[] { Rate, Share, UpdateNumber })
        {
            graph.Input(scalar, DataType.Float);
        }

        foreach (var parameter in parameters)
        {
            object[] dims = [.. parameter.Dims.Select(dim => (object)dim)];
            graph.Input(parameter.Name, DataType.Float, dims);
            graph.Input(Gradient(parameter), DataType.Float, dims);
            for (var moment = 0; moment < optimizer.Moments; moment++)
            {
                graph.Input(Moment(parameter, moment), DataType.Float, dims);
            }
        }

        var squares = parameters.Select(parameter => graph.Add("ReduceSumSquare", [Gradient(parameter)], "square", ("keepdims", 0L))).ToArray();
        var length = graph.Add("Mul", [graph.Add("Sqrt", [graph.Add("Sum", squares, "squares")], "total"), Share], Length);
        graph.Output(length, DataType.Float);
        var scale = clip is { } most
            ? graph.Add("Mul", [Share, graph.Add("Div", [Number(graph, most), graph.Add("Max", [length, Number(graph, most)], "longer")], "shortening")], "scale")
            : Share;
        foreach (var group in parameters.GroupBy(parameter => (parameter.RateFactor, parameter.Decays)))
        {
            var rate = graph.Add("Mul", [Rate, Number(graph, group.Key.RateFactor)], "rate-here");
            var kept = group.Key.Decays && optimizer.WeightDecay > 0
                ? graph.Add("Sub", [Number(graph, 1), graph.Add("Mul", [rate, Number(graph, optimizer.WeightDecay)], "lost")], "kept")
                : null;
            foreach (var parameter in group)
            {
                var gradient = graph.Add("Mul", [Gradient(parameter), scale], "scaled");
                var step = optimizer switch
                {
                    Sgd sgd => Step(graph, sgd, parameter, gradient),
                    AdamW adam => Step(graph, adam, parameter, gradient),
                    _ => throw new ArgumentException($"There is no update for {optimizer.GetType().Name}.", nameof(optimizer)),
                };
                var before = kept is null ? parameter.Name : graph.Add("Mul", [parameter.Name, kept], "decayed");
                Put(graph, parameter, parameter.Name, graph.Add("Sub", [before, graph.Add("Mul", [step, rate], "change")], Next(parameter.Name)));
            }
        }

        return graph.Build();
    }

    private static string Step(GraphBuilder graph, Sgd sgd, Parameter parameter, string gradient)
    {
        if (sgd.Moments == 0)
        {
            return gradient;
        }

        var momentum = Number(graph, sgd.Momentum);
        var moment = Moment(parameter, 0);
        var next = graph.Add("Add", [graph.Add("Mul", [moment, momentum], "carried"), gradient], Next(moment));
        Put(graph, parameter, moment, next);
        return sgd.Nesterov ? graph.Add("Add", [gradient, graph.Add("Mul", [next, momentum], "ahead")], "step") : next;
    }

    private static string Step(GraphBuilder graph, AdamW adam, Parameter parameter, string gradient)
    {
        var (first, second) = (Moment(parameter, 0), Moment(parameter, 1));
        var mean = Average(first, gradient, adam.Beta1);
        var square = Average(second, graph.Add("Mul", [gradient, gradient], "squared"), adam.Beta2);
        var corrected = graph.Add("Div", [mean, Correction(adam.Beta1)], "mean");
        var spread = graph.Add("Sqrt", [graph.Add("Div", [square, Correction(adam.Beta2)], "variance")], "spread");
        return graph.Add("Div", [corrected, graph.Add("Add", [spread, Number(graph, adam.Epsilon)], "divisor")], "step");

        string Average(string moment, string value, double beta)
        {
            var next = graph.Add(
                "Add", [graph.Add("Mul", [moment, Number(graph, beta)], "carried"), graph.Add("Mul", [value, Number(graph, 1 - beta)], "added")], Next(moment));
            Put(graph, parameter, moment, next);
            return next;
        }

        string Correction(double beta) =>
            graph.Add("Sub", [Number(graph, 1), graph.Add("Pow", [Number(graph, beta), UpdateNumber], "power")], "correction");
    }

    private static void Put(GraphBuilder graph, Parameter parameter, string input, string made)
    {
        graph.RenameTensor(made, Next(input));
        graph.Output(Next(input), DataType.Float, [.. parameter.Dims.Select(dim => (object)dim)]);
    }

    private static string Number(GraphBuilder graph, double value) => graph.Constant("number", [(float)value]);
}
