using OnnxTransfer.Onnx;

namespace OnnxTransfer.FineTuning;

/// <summary>
/// What an engine runs: the graphs of a step, in standard operators, with all that training changes as inputs and outputs.
/// </summary>
internal sealed record TrainingProgram
{
    /// <summary>The output of the mean loss of a batch: a scalar.</summary>
    public const string Loss = "loss";

    /// <summary>The output of the scores: [N, K].</summary>
    public const string Logits = "logits";

    /// <summary>The input of what is to be learned: float32 [N, K], the share of each class in each image's label.</summary>
    public const string Targets = "targets";

    /// <summary>
    /// Forward, loss and backward. Inputs: <see cref="Inputs"/>, <see cref="Targets"/>, <see cref="Parameters"/>,
    /// <see cref="Statistics"/>. Outputs: <see cref="Loss"/>, <see cref="Logits"/>, the gradient of each parameter, and the next statistics.
    /// </summary>
    public required OnnxModel Gradients { get; init; }

    /// <summary>
    /// Forward as the exported network runs: no dropout, statistics as they are. Inputs as for <see cref="Gradients"/>;
    /// outputs: <see cref="Loss"/> and <see cref="Logits"/>.
    /// </summary>
    public required OnnxModel Evaluation { get; init; }

    /// <summary>The images, or what the frozen part of the network makes of them.</summary>
    public required IReadOnlyList<ProgramInput> Inputs { get; init; }

    /// <summary>What is learned, in the order of the graph.</summary>
    public required IReadOnlyList<Parameter> Parameters { get; init; }

    /// <summary>The output of <see cref="Gradients"/> that is the gradient of each parameter, in the same order.</summary>
    public required IReadOnlyList<string> GradientOutputs { get; init; }

    /// <summary>The running statistics of batch normalisations in training mode; none where all are frozen.</summary>
    public required IReadOnlyList<Statistic> Statistics { get; init; }

    /// <summary><see cref="Gradients"/> and <see cref="GradientOutputs"/> in other forms, made when they are first asked for; a form may be missing.</summary>
    public IReadOnlyDictionary<GradientForm, Lazy<(OnnxModel Gradients, IReadOnlyList<string> Outputs)>> Forms { get; init; } =
        new Dictionary<GradientForm, Lazy<(OnnxModel Gradients, IReadOnlyList<string> Outputs)>>();

    /// <summary>The form that is asked for, or where there is none the one in ONNX's operators that there always is.</summary>
    public (OnnxModel Gradients, IReadOnlyList<string> Outputs) In(GradientForm form) => Forms.GetValueOrDefault(form)?.Value ?? (Gradients, GradientOutputs);

    /// <summary>K, the number of classes.</summary>
    public required int Classes { get; init; }
}
