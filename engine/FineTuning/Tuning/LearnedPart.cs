using OnnxTransfer.Engine;
using OnnxTransfer.Onnx;
using OnnxTransfer.Onnx.Protos;

namespace OnnxTransfer.FineTuning;

/// <summary>Which weights of a classifier are learned, and how fast.</summary>
internal sealed class LearnedPart
{
    private const string Stage = "stage";

    // Nodes are known by their first output: a graph that is cut has other objects for them.
    private readonly HashSet<string> frozen;
    private readonly IReadOnlyList<string> head;
    private readonly IReadOnlyList<HashSet<string>> stages;
    private readonly FineTuneOptions options;

    /// <summary>Finds the border between what is kept and what is learned.</summary>
    /// <param name="classifier">The network with its new head, as it is trained.</param>
    /// <param name="taps">The names of the backbone's tensors.</param>
    /// <param name="options">What is asked for.</param>
    /// <exception cref="OnnxTransferException">
    /// <see cref="FailureKind.Model"/>: there is no such layer; <see cref="FailureKind.Usage"/>: the new head comes before it.
    /// </exception>
    public LearnedPart(Graph classifier, TapCatalog taps, FineTuneOptions options)
    {
        this.options = options;
        var scores = classifier.Producer(HeadNodes.Logits)!;
        head = [.. scores.Input.Skip(1)];
        var ends = taps.Points.SelectMany(point => point.Aliases.Where(IsStage).Select(_ => point.Name)).Where(name => classifier.Producer(name) is not null);
        stages = [.. ends.Select(end => Before(classifier, end))];
        frozen = options.TrainFrom switch
        {
            "all" => [],
            "head" => Names(classifier.Nodes.Where(node => node != scores)),
            var name => Border(taps, name) is { } border
                ? classifier.Producer(border) is null
                    ? throw new OnnxTransferException(FailureKind.Usage, $"The layer {name} comes after the new classifier; name an earlier one with --train-from.")
                    : Before(classifier, border)
                : [],
        };
    }

    /// <summary>Whether a weight is learned.</summary>
    public bool Has(WeightSlot slot) =>
        !frozen.Contains(slot.Node.Output[0]) && (!options.OnlyNormalisations || slot.Kind == WeightKind.Normalisation || IsHead(slot));

    /// <summary>What its learning rate is multiplied by: less for pretrained layers, and less still for each stage towards the image.</summary>
    public float RateFactor(WeightSlot slot)
    {
        if (IsHead(slot) || options.FromScratch)
        {
            return 1;
        }

        var stage = stages.Index().FirstOrDefault(stage => stage.Item.Contains(slot.Node.Output[0]), (stages.Count - 1, [])).Index;
        return (float)options.BackboneFactor * (stages.Count > 0 ? DepthFactors.OfStage(options.DepthDecay, stage, stages.Count) : 1);
    }

    private bool IsHead(WeightSlot slot) => head.Contains(slot.Name);

    private static bool IsStage(string alias) =>
        alias.StartsWith(Stage, StringComparison.Ordinal) && int.TryParse(alias.AsSpan(Stage.Length), out _);

    private static HashSet<string> Before(Graph graph, string tensor) => Names(graph.Ancestors(tensor));

    private static HashSet<string> Names(IEnumerable<NodeProto> nodes) => nodes.Select(node => node.Output[0]).ToHashSet(StringComparer.Ordinal);

    // A stage is learned from its beginning, which is the end of the one before; the first has nothing before it.
    private static string? Border(TapCatalog taps, string name)
    {
        if (!IsStage(name))
        {
            return taps.Find(name).Name;
        }

        taps.Find(name);
        var number = int.Parse(name.AsSpan(Stage.Length), System.Globalization.CultureInfo.InvariantCulture);
        return number > 1 ? taps.Find($"{Stage}{number - 1}").Name : null;
    }
}
