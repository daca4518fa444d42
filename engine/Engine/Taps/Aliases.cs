using System.Globalization;
using OnnxTransfer.Onnx;

namespace OnnxTransfer.Engine;

/// <summary>
/// Names that mean the same in every network, resolved from the graph.
/// <para><c>stage1</c>, <c>stage2</c>, ...: the last tap on the main path before the resolution falls again, up to the
/// penultimate. A resolution without a convolution, and a single one at the first (a stem), make no stage.</para>
/// <para><c>last-pool</c>: the result of the last pooling on the main path.</para>
/// <para><c>penultimate</c>: what the classifier reads; without a classifier, the network's result. An average pooling made
/// for another image size, which does not fit or leaves more than one position, gives way to the map that it pools.</para>
/// <para><c>logits</c>: what the last softmax reads, or the result of the classifier.</para>
/// </summary>
internal static class Aliases
{
    /// <summary>The alias of the classifier's scores.</summary>
    public const string Logits = "logits";

    private const string Stage = "stage";
    private const string LastPool = "last-pool";
    private const string Penultimate = "penultimate";

    /// <summary>The aliases and their tensors, in the order of the network.</summary>
    public static IReadOnlyList<(string Alias, string Tensor)> Of(
        GraphShapes shapes, ImageFlow flow, MainPath path, Classifier classifier, Func<string, bool> isShown)
    {
        var graph = shapes.Graph;
        var penultimate = classifier.Penultimate;
        while (graph.Producer(penultimate) is { OpType: "AveragePool", Input.Count: 1 } pool && path.Has(pool.Input[0]) && !IsPoint(shapes.Shape(penultimate)))
        {
            penultimate = pool.Input[0];
        }

        var aliases = new List<(string, string)>();
        aliases.AddRange(Stages(shapes, flow, path, penultimate, isShown)
            .Select((tensor, i) => (string.Create(CultureInfo.InvariantCulture, $"{Stage}{i + 1}"), tensor)));
        if (path.Tensors.LastOrDefault(t => Operators.IsPooling(graph, graph.Producer(t)!)) is { } pooled)
        {
            aliases.Add((LastPool, pooled));
        }

        aliases.Add((Penultimate, penultimate));
        if (classifier.Logits is { } logits)
        {
            aliases.Add((Logits, logits));
        }

        return aliases;
    }

    /// <summary>Whether an alias is that of a stage or of what the classifier reads.</summary>
    public static bool IsStageEnd(string alias) => alias == Penultimate || alias.StartsWith(Stage, StringComparison.Ordinal);

    /// <summary>Why the network has no such alias, or null where the name is not one.</summary>
    public static string? WhyMissing(string name, IReadOnlyList<(string Alias, string Tensor)> aliases)
    {
        var stages = aliases.Count(a => a.Alias.StartsWith(Stage, StringComparison.Ordinal));
        return name switch
        {
            LastPool => "has no pooling on its way from the image to its result",
            Logits => "ends without a classifier, so it has no logits",
            _ when name.StartsWith(Stage, StringComparison.Ordinal) && name.Length > Stage.Length && name[Stage.Length..].All(char.IsAsciiDigit) =>
                stages == 0 ? "has no stages: its maps keep one resolution" : $"has only {stages} {(stages == 1 ? "stage" : "stages")}",
            _ => null,
        };
    }

    private static List<string> Stages(GraphShapes shapes, ImageFlow flow, MainPath path, string end, Func<string, bool> isShown)
    {
        var graph = shapes.Graph;
        var candidates = path.Tensors.TakeWhile(t => t != end).Append(end)
            .Where(t => path.Has(t) && flow.Stride(t) is not null && shapes.Shape(t) is { Rank: 4 } && (isShown(t) || t == end));
        var stages = new List<string>();
        var before = 0;
        foreach (var resolution in candidates.GroupBy(t => flow.Stride(t)!.Value))
        {
            var last = resolution.LastOrDefault(t => !Operators.IsPooling(graph, graph.Producer(t)!)) ?? resolution.Last();
            var convolutions = graph.Ancestors(last).Count(n => n.OpType == "Conv");
            if (convolutions - before > (before == 0 ? 1 : 0))
            {
                stages.Add(last);
            }

            before = convolutions;
        }

        return stages;
    }

    private static bool IsPoint(TensorShape? shape) => shape is { Rank: 4 } && shape[2].Value == 1 && shape[3].Value == 1;
}
