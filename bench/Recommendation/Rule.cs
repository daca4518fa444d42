using OnnxTransfer.Study;

namespace OnnxTransfer.Bench.Recommendation;

/// <summary>How a layer is chosen of several, whose heads were judged by cross-validation, in the order of their cost.</summary>
internal sealed record Rule(string Name, Func<IReadOnlyList<TestedLayer>, TestedLayer> Choose)
{
    public static IReadOnlyList<Rule> All { get; } =
    [
        new("the rule", static layers => Study.Recommendation.Choose(layers).Chosen),
        new("without a margin", static layers => NotWorse(layers).First()),
        new("a margin of 10 points", static layers => Within(layers, 0.1)),
        new("a margin of 1 point", static layers => Within(layers, 0.01)),
        new("the best cross-validated", Best),
        new("the penultimate layer", static layers => layers[^1]),
        new("the best on the test part", static layers => layers.MaxBy(static layer => layer.TestAccuracy)!),
    ];

    private static TestedLayer Best(IReadOnlyList<TestedLayer> layers) => layers.MaxBy(static layer => layer.CrossValidated.Accuracy)!;

    private static IEnumerable<TestedLayer> NotWorse(IReadOnlyList<TestedLayer> layers)
    {
        var best = Best(layers);
        return layers.Where(layer => Study.Recommendation.PValueOf(layer, best) >= Study.Recommendation.Level);
    }

    private static TestedLayer Within(IReadOnlyList<TestedLayer> layers, double margin)
    {
        var best = Best(layers);
        return NotWorse(layers).First(layer => layer == best || PairedTest.Loss(layer.HeldOut, best.HeldOut) is var (loss, error) && loss + error <= margin);
    }
}
