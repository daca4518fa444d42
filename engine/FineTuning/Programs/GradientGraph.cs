using OnnxTransfer.Onnx;
using OnnxTransfer.Onnx.Protos;
using static OnnxTransfer.Onnx.Protos.TensorProto.Types;

namespace OnnxTransfer.FineTuning;

/// <summary>The graph of forward, loss and backward.</summary>
/// <param name="Model">The graph; its outputs are the loss, the logits, the gradients and the next statistics.</param>
/// <param name="Gradients">The output that is the gradient of each parameter that the loss depends on.</param>
/// <param name="Norms">The batch normalisations in training mode.</param>
internal sealed record GradientGraph(OnnxModel Model, IReadOnlyDictionary<string, string> Gradients, IReadOnlyList<TrainingBatchNorm> Norms)
{
    /// <summary>Makes it.</summary>
    /// <param name="rest">What is trained, its weights initializers.</param>
    /// <param name="shapes">The shapes of its tensors.</param>
    /// <param name="parameters">The weights that are learned: they become inputs.</param>
    /// <param name="moving">The batch normalisations that take their statistics from the batch.</param>
    /// <param name="appendLoss">Appends the loss.</param>
    /// <param name="form">For what it is to be fast.</param>
    /// <exception cref="NoGradientException">A node cannot be differentiated.</exception>
    public static GradientGraph Make(
        OnnxModel rest, GraphShapes shapes, IReadOnlyList<Parameter> parameters, IReadOnlyList<NodeProto> moving, Action<GraphBuilder> appendLoss, GradientForm form)
    {
        var graph = new GraphBuilder(rest);
        foreach (var name in parameters.Select(parameter => parameter.Name).Concat(moving.SelectMany(norm => norm.Input.Skip(3))))
        {
            graph.Free(name);
        }

        TrainingBatchNorm[] norms = [.. moving.Select(norm => TrainingBatchNorm.Lower(
            graph, norm, shapes.Shape(norm.Input[0])!, (int)parameters.Single(parameter => parameter.Name == norm.Input[1]).Count, form == GradientForm.Custom))];
        appendLoss(graph);
        var forward = graph.Build();
        if (form == GradientForm.Custom)
        {
            forward = FoldedNormalisations.Of(forward, shapes, parameters.Select(parameter => parameter.Name).ToHashSet(StringComparer.Ordinal));
        }

        var known = ShapeInference.Infer(new Graph(forward));
        graph = new GraphBuilder(forward);
        var rules = form switch
        {
            GradientForm.Custom => CustomRules.Of(known),
            GradientForm.Gpu => GpuRules.Of(known),
            _ => new Dictionary<string, GradientRule>(StringComparer.Ordinal),
        };
        foreach (var norm in norms)
        {
            rules[norm.Output] = norm.Rule;
        }

        var found = Differentiation.Append(graph, known, TrainingProgram.Loss, [.. parameters.Select(parameter => parameter.Name)], rules);
        var gradients = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var parameter in parameters.Where(parameter => found.ContainsKey(parameter.Name)))
        {
            // Weights that are only added up have one gradient, and an output can be bound to one place.
            var gradient = found[parameter.Name];
            gradients[parameter.Name] = gradient = gradients.ContainsValue(gradient) ? graph.Add("Identity", [gradient], $"gradient of {parameter.Name}") : gradient;
            graph.Output(gradient, DataType.Float, [.. parameter.Dims.Select(dim => (object)dim)]);
        }

        foreach (var (norm, count) in norms.Select((norm, index) => (norm, parameters.Single(parameter => parameter.Name == moving[index].Input[1]).Count)))
        {
            graph.Output(norm.NextMean, DataType.Float, (long)count);
            graph.Output(norm.NextVariance, DataType.Float, (long)count);
        }

        var made = graph.Build();
        return new GradientGraph(form == GradientForm.Gpu ? SumsInTwo.Apply(made) : made, gradients, norms);
    }
}
