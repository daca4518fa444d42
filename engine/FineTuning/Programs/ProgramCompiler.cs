using OnnxTransfer.Onnx;
using OnnxTransfer.Onnx.Protos;
using static OnnxTransfer.Onnx.Protos.TensorProto.Types;

namespace OnnxTransfer.FineTuning;

/// <summary>What <see cref="ProgramCompiler"/> made of a network.</summary>
/// <param name="Program">The graphs of a step.</param>
/// <param name="Start">The weights as they are in the network.</param>
/// <param name="Frozen">What makes the program's inputs of images; null where the inputs are the images.</param>
/// <param name="Image">The image input.</param>
internal sealed record CompiledProgram(TrainingProgram Program, TrainingState Start, OnnxModel? Frozen, string Image);

/// <summary>From a classifier to the graphs that train it: the frozen part split off, the loss and the gradients appended.</summary>
internal static class ProgramCompiler
{
    /// <summary>Compiles a classifier with one image input.</summary>
    /// <param name="classifier">The network, in opset 17 or later, its weights initializers.</param>
    /// <param name="logits">The tensor with the scores [N, K].</param>
    /// <param name="image">The shape that its image input is given.</param>
    /// <param name="options">What is learned, and how.</param>
    /// <exception cref="OnnxTransferException">
    /// <see cref="FailureKind.Model"/>: nothing can be learned, a weight is no float32, or a shape is not known before it runs.
    /// </exception>
    /// <exception cref="NoGradientException">A node cannot be differentiated.</exception>
    public static CompiledProgram Compile(OnnxModel classifier, string logits, TensorShape image, ProgramOptions options)
    {
        var graph = new Graph(Cut.At(classifier, [logits]));
        var input = graph.Inputs.Single();
        var shapes = ShapeInference.Infer(graph, new Dictionary<string, TensorShape> { [input.Name] = image });
        WeightSlot[] learned = [.. WeightSlot.Of(graph).Where(options.Learned ?? (static _ => true))];
        if (learned.Length == 0)
        {
            throw new OnnxTransferException(FailureKind.Model, $"{classifier.Name} has no weight that could be learned there; train from an earlier layer.");
        }

        var split = options.TakesImages ? new NetworkSplit(null, [input.Name], graph.Model) : NetworkSplit.Of(shapes, input.Name, logits, learned.Select(slot => slot.Name).ToHashSet(StringComparer.Ordinal));
        ProgramInput[] inputs = [.. split.Border.Select(tensor => new ProgramInput(tensor, Extents(shapes, tensor)))];
        Parameter[] parameters = [.. learned.Select(slot => new Parameter(
            slot.Name, slot.Dims, options.RateFactor?.Invoke(slot) ?? 1, slot.Kind == WeightKind.Kernel))];
        if (shapes.Shape(logits) is not { Rank: 2 } scores || scores[1].Value is not { } classes)
        {
            throw new OnnxTransferException(FailureKind.Model, $"The scores '{logits}' of {classifier.Name} have the shape {shapes.Shape(logits)}; N x classes is needed.");
        }

        var evaluation = new GraphBuilder(split.Rest);
        var values = parameters.ToDictionary(parameter => parameter.Name, parameter => TensorData.Floats(evaluation.Free(parameter.Name)), StringComparer.Ordinal);
        NodeProto[] moved = [.. split.Rest.Proto.Graph.Node.Where(node => options.BatchStatistics && node.OpType == "BatchNormalization" && values.ContainsKey(node.Input[1]))];
        var statistics = moved.SelectMany(norm => norm.Input.Skip(3)).ToDictionary(name => name, name => TensorData.Floats(evaluation.Free(name)), StringComparer.Ordinal);
        AppendLoss(evaluation, logits, classes, options);
        var standard = Gradients(GradientForm.Standard);
        Statistic[] moving = [.. standard.Norms.SelectMany(norm => new[]
        {
            new Statistic(norm.Mean, norm.NextMean, statistics[norm.Mean].Length), new Statistic(norm.Variance, norm.NextVariance, statistics[norm.Variance].Length),
        })];
        var program = new TrainingProgram
        {
            Gradients = standard.Model,
            Evaluation = evaluation.Build(),
            Inputs = inputs,
            Parameters = [.. parameters.Where(parameter => standard.Gradients.ContainsKey(parameter.Name))],
            GradientOutputs = Outputs(standard),
            Statistics = moving,
            Forms = new[] { GradientForm.Custom, GradientForm.Gpu }.ToDictionary(form => form, form => new Lazy<(OnnxModel, IReadOnlyList<string>)>(() =>
            {
                var made = Gradients(form);
                return (made.Model, Outputs(made));
            })),
            Classes = (int)classes,
        };
        var start = new TrainingState { Parameters = values, Statistics = statistics, Moments = new Dictionary<string, float[][]>(), Step = 0 };
        return new CompiledProgram(program, start, split.Frozen, input.Name);

        GradientGraph Gradients(GradientForm form) => GradientGraph.Make(split.Rest, shapes, parameters, moved, builder => AppendLoss(builder, logits, classes, options), form);

        string[] Outputs(GradientGraph made) => [.. parameters.Where(parameter => made.Gradients.ContainsKey(parameter.Name)).Select(parameter => made.Gradients[parameter.Name])];
    }

    private static void AppendLoss(GraphBuilder graph, string logits, long classes, ProgramOptions options)
    {
        if (logits != TrainingProgram.Logits)
        {
            graph.RenameTensor(logits, TrainingProgram.Logits);
        }

        graph.Input(TrainingProgram.Targets, DataType.Float, "N", classes);
        graph.RenameTensor(options.Loss(graph, TrainingProgram.Logits, TrainingProgram.Targets, (int)classes), TrainingProgram.Loss);
        graph.ClearOutputs();
        graph.Output(TrainingProgram.Loss, DataType.Float);
        graph.Output(TrainingProgram.Logits, DataType.Float, "N", classes);
    }

    private static long[] Extents(GraphShapes shapes, string tensor)
    {
        if (shapes.Shape(tensor) is not { Rank: > 0 } shape || shape.Dims.Skip(1).Any(dim => dim.Value is null))
        {
            throw new OnnxTransferException(
                FailureKind.Model, $"'{tensor}' of {shapes.Graph.Model.Name} has the shape {shapes.Shape(tensor)?.ToString() ?? "?"}, which must be known but for the batch; give the image size.");
        }

        return [.. shape.Dims.Skip(1).Select(dim => dim.Value!.Value)];
    }
}
