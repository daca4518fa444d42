using OnnxTransfer.Engine;
using OnnxTransfer.Heads;
using OnnxTransfer.Study;

namespace OnnxTransfer.Bench.Recommendation;

/// <summary>A head on a layer as a rule sees it, and its accuracy on the test part, which no rule may see.</summary>
internal sealed record TestedLayer : LayerTrial
{
    public required double TestAccuracy { get; init; }

    /// <summary>A head on each layer from some rows of the training part, C by cross-validation.</summary>
    public static TestedLayer[] Train(Codes codes, IReadOnlyList<Tap> taps, IReadOnlyList<int> train, IReadOnlyList<int> test, HeadLoss loss)
    {
        var (labels, options) = (Labels(codes, train), new HeadOptions { Loss = loss, Standardize = true });
        return [.. taps.Select(tap =>
        {
            var matrix = codes.Read(codes.Column(tap), train);
            var head = LinearHead.Train(matrix, labels, options);
            return new TestedLayer
            {
                Tap = tap,
                Loss = loss,
                C = head.C,
                CrossValidated = head.Selection!.Candidates.First(candidate => candidate.C == head.C),
                HeldOut = [.. head.HeldOutPredictions(matrix, labels, options).Select((k, i) => (bool?)(head.Labels[k] == labels[i]))],
                Converged = head.Certificate.Converged,
                TestAccuracy = head.Accuracy(codes.Read(codes.Column(tap), test), Labels(codes, test)),
            };
        })];
    }

    private static string[] Labels(Codes codes, IReadOnlyList<int> rows) => [.. rows.Select(row => codes.Labels[row])];
}
