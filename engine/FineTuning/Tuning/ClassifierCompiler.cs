using OnnxTransfer.Engine;
using OnnxTransfer.Onnx;

namespace OnnxTransfer.FineTuning;

/// <summary>From a pretrained network with a new head to the program that trains it.</summary>
internal static class ClassifierCompiler
{
    /// <summary>Compiles a classifier.</summary>
    /// <param name="backbone">The pretrained network.</param>
    /// <param name="classifier">It with its new head.</param>
    /// <param name="options">What is learned, and how.</param>
    /// <param name="takesImages">Whether the frozen part stays inside the program.</param>
    /// <exception cref="OnnxTransferException">
    /// <see cref="FailureKind.Model"/>: a node that cannot be differentiated; the sentence says from which layer on training works.
    /// </exception>
    public static CompiledProgram Compile(Backbone backbone, OnnxModel classifier, FineTuneOptions options, bool takesImages = false)
    {
        var raised = OpsetRaise.To17(classifier);
        var graph = new Graph(raised);
        var part = new LearnedPart(graph, backbone.Taps, options);
        try
        {
            return ProgramCompiler.Compile(raised, HeadNodes.Logits, new TensorShape([Dim.Named("N"), .. CodeNetwork.ImageShape(backbone.Taps).Select(Dim.Of)]), new ProgramOptions
            {
                Learned = part.Has,
                TakesImages = takesImages,
                BatchStatistics = options.BatchStatistics || options.FromScratch,
                RateFactor = part.RateFactor,
                Loss = (builder, logits, targets, classes) => TrainingLoss.Append(options.Head.Loss, builder, logits, targets, classes, options.Smoothing),
            });
        }
        catch (NoGradientException e)
        {
            var after = backbone.Taps.Points.FirstOrDefault(point => graph.Producer(point.Name) is not null
                && graph.Ancestors(point.Name).Any(node => node.Output.Contains(e.Tensor)));
            throw new OnnxTransferException(
                FailureKind.Model,
                $"{e.Message}, so {raised.Name} cannot be trained through it; "
                + (after is null ? "only its head can be trained (--train-from head)." : $"train what comes after it (--train-from {after.Name})."),
                e);
        }
    }
}
