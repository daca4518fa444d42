using OnnxTransfer.FineTuning.Tests.Gradients;
using OnnxTransfer.FineTuning.Tests.Reference;
using OnnxTransfer.Heads;
using OnnxTransfer.Onnx;
using static OnnxTransfer.Onnx.Protos.TensorProto.Types;

namespace OnnxTransfer.FineTuning.Tests.Losses;

public class TrainingLossTests
{
    private const int Classes = 3;
    private static readonly double[] Scores = [0.5, -1, 2, 0.1, 0.2, -3];
    private static readonly int[] Labels = [2, 0];

    private static IEnumerable<HeadLoss> All => TrainingLoss.All;

    [TestCaseSource(nameof(All))]
    public void A_networks_loss_is_the_mean_over_images_of_its_heads(HeadLoss loss)
    {
        var builder = GraphBuilder.Empty("loss", 17, 8);
        builder.Input("logits", DataType.Float, "N", Classes);
        builder.Input("targets", DataType.Float, "N", Classes);
        var name = TrainingLoss.Append(loss, builder, "logits", "targets", Classes, 0);
        double[] targets = [.. Enumerable.Range(0, Scores.Length).Select(i => Labels[i / Classes] == i % Classes ? 1.0 : 0)];
        var values = new Dictionary<string, Nd> { ["logits"] = Nd.Of(Scores, Labels.Length, Classes), ["targets"] = Nd.Of(targets, Labels.Length, Classes) };
        var found = Differentiated.Of(builder.Build(), name, values, ["logits"]).Runtime()[name][0];
        Assert.That(found, Is.EqualTo(Labels.Select((label, image) => OfImage(loss, Scores[(image * Classes)..((image + 1) * Classes)], label)).Average()).Within(1e-6));
    }

    private static double OfImage(HeadLoss loss, double[] scores, int label) => loss switch
    {
        HeadLoss.Softmax => Math.Log(scores.Sum(Math.Exp)) - scores[label],
        HeadLoss.SquaredHinge => scores.Select((score, k) => Math.Pow(Math.Max(0, 1 - (k == label ? score : -score)), 2)).Sum(),
        HeadLoss.Logistic => scores.Select((score, k) => Math.Log(1 + Math.Exp(k == label ? -score : score))).Sum(),
        _ => double.NaN,
    };
}
