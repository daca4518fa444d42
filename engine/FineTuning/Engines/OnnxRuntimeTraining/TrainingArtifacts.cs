using OnnxTransfer.Onnx;
using OnnxTransfer.Onnx.Protos;
using static OnnxTransfer.Onnx.Protos.TensorProto.Types;

namespace OnnxTransfer.FineTuning;

/// <summary>
/// The four files that ONNX Runtime Training runs, made of a <see cref="TrainingProgram"/> without its Python utilities. User
/// inputs are those of the program and the targets; user outputs the loss, the logits, and a flag for each running statistic.
/// </summary>
internal static class TrainingArtifacts
{
    /// <summary>The file of forward, loss, gradients and their accumulation.</summary>
    public const string TrainingFile = "training_model.onnx";

    /// <summary>The file of forward and loss.</summary>
    public const string EvaluationFile = "eval_model.onnx";

    /// <summary>The file of the update.</summary>
    public const string OptimizerFile = "optimizer_model.onnx";

    /// <summary>The file of all that training changes.</summary>
    public const string CheckpointFile = "checkpoint";

    /// <summary>ONNX Runtime's own domain of operators.</summary>
    internal const string Domain = "com.microsoft";

    private const string Reset = "lazy_reset_grad";
    private const string Accumulator = "InPlaceAccumulatorV2";

    /// <summary>
    /// Writes the four files into a folder, which is made. They hold no learning rate: the engine begins with 0.001, and the
    /// application sets another, for the parameters' common factor too.
    /// </summary>
    /// <param name="folder">Where to.</param>
    /// <param name="program">What is trained.</param>
    /// <param name="optimizer">How.</param>
    /// <param name="state">From where.</param>
    /// <exception cref="OnnxTransferException">
    /// Usage: parameters differ in rate or decay, which this engine's optimizer cannot. Model: larger than a file can be.
    /// Machine: a file cannot be written.
    /// </exception>
    public static void Write(string folder, TrainingProgram program, AdamW optimizer, TrainingState state)
    {
        var update = Optimizer(program, optimizer);
        var checkpoint = CheckpointWriter.Bytes(new Checkpoint { State = state }, program);
        Directory.CreateDirectory(folder);
        Training(program, gradients: false).Write(Path.Combine(folder, TrainingFile));
        Evaluation(program).Write(Path.Combine(folder, EvaluationFile));
        update.Write(Path.Combine(folder, OptimizerFile));
        WholeFile.Write(Path.Combine(folder, CheckpointFile), stream => stream.Write(checkpoint));
    }

    /// <summary>Forward, loss, gradients and their accumulation in buffers of the engine.</summary>
    /// <param name="program">What is trained.</param>
    /// <param name="gradients">Whether the batch's own gradients are user outputs too, as <see cref="GradientName"/>, in the parameters' order.</param>
    public static OnnxModel Training(TrainingProgram program, bool gradients)
    {
        var graph = new GraphBuilder(program.Gradients);
        graph.Import(Domain, 1);
        graph.ClearOutputs();
        graph.Output(TrainingProgram.Loss, DataType.Float);
        graph.Output(TrainingProgram.Logits, DataType.Float, "N", program.Classes);
        if (gradients)
        {
            // The engine hides outputs that are called as its own are.
            for (var i = 0; i < program.Parameters.Count; i++)
            {
                var parameter = program.Parameters[i];
                graph.Output(graph.Add("Identity", [program.GradientOutputs[i]], GradientName(parameter)), DataType.Float, Dims(parameter));
            }
        }

        // A statistic is a frozen parameter that the graph itself overwrites, once its next value is known.
        var always = program.Statistics.Count == 0 ? string.Empty : graph.Add("Cast", [graph.Constant("one", [1L], 1)], "always", ("to", (long)DataType.Bool));
        foreach (var statistic in program.Statistics)
        {
            graph.Output(graph.Add(Domain, Accumulator, [statistic.Name, statistic.Next, always], [$"moved/{statistic.Name}"])[0], DataType.Bool, 1);
        }

        for (var i = 0; i < program.Parameters.Count; i++)
        {
            var parameter = program.Parameters[i];
            var buffer = $"{parameter.Name}_grad.accumulation.buffer";
            graph.Input(buffer, DataType.Float, Dims(parameter));
            graph.Output(
                graph.Add(Domain, Accumulator, [buffer, program.GradientOutputs[i], Reset], [$"{parameter.Name}_grad.accumulation.out"])[0], DataType.Bool, 1);
        }

        graph.Input(Reset, DataType.Bool, 1);
        return Ordered(graph.Build(), program);
    }

    /// <summary>The user output of the training model that is a parameter's gradient.</summary>
    public static string GradientName(Parameter parameter) => $"gradient of {parameter.Name}";

    /// <summary>Forward and loss, with parameters and statistics in the order of the training model.</summary>
    public static OnnxModel Evaluation(TrainingProgram program) => Ordered(program.Evaluation, program);

    /// <summary>The update of all parameters at once.</summary>
    /// <exception cref="OnnxTransferException">Usage: the parameters differ in rate or decay.</exception>
    public static OnnxModel Optimizer(TrainingProgram program, AdamW optimizer)
    {
        RequireOneGroup(program, optimizer);
        var graph = OptimizerInputs();
        AddUpdate(graph, program, optimizer, "learning_rate", "gradients");
        return graph.Build();
    }

    /// <summary>A graph with the inputs that the engine feeds an optimizer with.</summary>
    internal static GraphBuilder OptimizerInputs()
    {
        var graph = GraphBuilder.Empty("optimizer", opset: 17, irVersion: 8);
        graph.Import(Domain, 1);
        graph.Input("learning_rate", DataType.Float, 1);
        graph.Input("step", DataType.Int64, 1);
        foreach (var name in (string[])["params", "gradients", "first_order_moments", "second_order_moments"])
        {
            graph.Sequence(name, DataType.Float);
        }

        return graph;
    }

    /// <summary>Appends the one node of the update and its output.</summary>
    internal static void AddUpdate(GraphBuilder graph, TrainingProgram program, AdamW optimizer, string rate, string gradients)
    {
        var decay = program.Parameters[0].Decays ? optimizer.WeightDecay : 0;
        var flag = graph.Add(
            Domain,
            "AdamWOptimizer",
            [rate, "step", "params", gradients, "first_order_moments", "second_order_moments"],
            ["updated_flag", "", "", ""],
            ("alpha", (float)optimizer.Beta1),
            ("beta", (float)optimizer.Beta2),
            ("epsilon", (float)optimizer.Epsilon),
            ("weight_decay", (float)decay),
            ("adam_mode", 0L),
            ("correct_bias", 1L))[0];
        graph.Output(flag, DataType.Bool, 1);
    }

    /// <summary>Refuses parameters that this engine would have to treat differently.</summary>
    internal static void RequireOneGroup(TrainingProgram program, AdamW optimizer)
    {
        var first = program.Parameters[0];
        if (program.Parameters.FirstOrDefault(p => p.RateFactor != first.RateFactor || (p.Decays != first.Decays && optimizer.WeightDecay != 0)) is { } other)
        {
            throw new OnnxTransferException(
                FailureKind.Usage,
                $"ONNX Runtime Training updates all parameters with one rate and one weight decay, and '{other.Name}' has others than '{first.Name}'; "
                + "take one rate for all layers and no weight decay, or the engine of graphs.");
        }
    }

    // User inputs, parameters, statistics, and what the engine adds: training and evaluation must name them in one order.
    private static OnnxModel Ordered(OnnxModel model, TrainingProgram program)
    {
        string[] order =
        [
            .. program.Inputs.Select(input => input.Name), TrainingProgram.Targets,
            .. program.Parameters.Select(parameter => parameter.Name), .. program.Statistics.Select(statistic => statistic.Name),
        ];
        var proto = model.Proto.Clone();
        ValueInfoProto[] inputs = [.. proto.Graph.Input.OrderBy(input => Array.IndexOf(order, input.Name) is >= 0 and var place ? place : order.Length)];
        proto.Graph.Input.Clear();
        proto.Graph.Input.AddRange(inputs);
        return model.WithProto(proto);
    }

    private static object[] Dims(Parameter parameter) => [.. parameter.Dims.Select(dim => (object)dim)];
}
