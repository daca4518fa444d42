using OnnxTransfer.Onnx;
using static OnnxTransfer.Onnx.Protos.TensorProto.Types;

namespace OnnxTransfer.FineTuning;

/// <summary>
/// How the update is given a learning rate, and the share that the summed gradients count with, where the engine has no call for
/// either: as the two elements of one more parameter, which is overwritten before each update. The engine passes parameters to
/// the optimizer in no fixed order, so that the optimizer knows this one by its rank.
/// </summary>
internal static class Steering
{
    private const int Rank = 7;

    /// <summary>The parameter: rate and share.</summary>
    public static readonly Parameter Parameter = new("onnxtransfer.steering", [1, 1, 1, 1, 1, 1, 2], 1, Decays: true);

    /// <summary>A program with the parameter behind its own; its gradient is 0.</summary>
    public static TrainingProgram Add(TrainingProgram program)
    {
        var gradients = new GraphBuilder(program.Gradients);
        Input(gradients);
        var gradient = gradients.Add("Identity", [gradients.Constant("steering/zeros", new float[2], [.. Parameter.Dims])], "steering/gradient");
        var evaluation = new GraphBuilder(program.Evaluation);
        Input(evaluation);
        return program with
        {
            Gradients = gradients.Build(),
            Evaluation = evaluation.Build(),
            Parameters = [.. program.Parameters, Parameter with { Decays = program.Parameters[0].Decays, RateFactor = program.Parameters[0].RateFactor }],
            GradientOutputs = [.. program.GradientOutputs, gradient],
        };
    }

    /// <summary>The state with the parameter in it.</summary>
    public static TrainingState Add(TrainingState state)
    {
        var moments = new Dictionary<string, float[][]>(state.Moments, StringComparer.Ordinal);
        if (moments.Count > 0)
        {
            moments[Parameter.Name] = [new float[2], new float[2]];
        }

        return state with
        {
            Parameters = new Dictionary<string, float[]>(state.Parameters, StringComparer.Ordinal) { [Parameter.Name] = [0, 1] },
            Moments = moments,
        };
    }

    /// <summary>The update, with the rate and the share of that parameter.</summary>
    /// <param name="program">A program with the parameter.</param>
    /// <param name="optimizer">How weights change.</param>
    public static OnnxModel Optimizer(TrainingProgram program, AdamW optimizer)
    {
        var graph = TrainingArtifacts.OptimizerInputs();
        var rank = graph.Constant("rank", [Rank]);
        var (first, second, last, end) = (Place(0), Place(1), Place(-1), Place(long.MaxValue));
        var (flat, zero) = (Place(-1), graph.Constant("zero", [0f], 1));
        List<string> rates = [], shares = [], gradients = [];
        for (var i = 0; i < program.Parameters.Count; i++)
        {
            var index = graph.Constant("index", [(long)i]);
            var values = graph.Add("SequenceAt", ["params", index], "values");
            var steers = graph.Add("Equal", [graph.Add("Size", [graph.Add("Shape", [values], "shape")], "size"), rank], "steers");
            var row = graph.Add("Reshape", [values, flat], "row");
            rates.Add(graph.Add("Where", [steers, graph.Add("Slice", [row, first, second], "first"), zero], "rate"));
            shares.Add(graph.Add("Where", [steers, graph.Add("Slice", [row, last, end], "last"), zero], "share"));
            gradients.Add(graph.Add("SequenceAt", ["gradients", index], "sum"));
        }

        var rate = graph.Add("Sum", rates, "the rate");
        var share = graph.Add("Sum", shares, "the share");
        var means = graph.Add("SequenceConstruct", [.. gradients.Select(sum => graph.Add("Mul", [sum, share], "mean"))], "means");
        TrainingArtifacts.AddUpdate(graph, program, optimizer, rate, means);
        return graph.Build();

        string Place(long value) => graph.Constant("place", [value], 1);
    }

    private static void Input(GraphBuilder graph) => graph.Input(Parameter.Name, DataType.Float, [.. Parameter.Dims.Select(dim => (object)dim)]);
}
