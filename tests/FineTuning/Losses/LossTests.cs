using OnnxTransfer.FineTuning.Tests.Gradients;
using OnnxTransfer.FineTuning.Tests.Reference;
using OnnxTransfer.Onnx;
using static OnnxTransfer.Onnx.Protos.TensorProto.Types;

namespace OnnxTransfer.FineTuning.Tests.Losses;

/// <summary>Losses and their gradients by the logits.</summary>
[TestFixture]
[Parallelizable(ParallelScope.All)]
public class LossTests
{
    private const int Images = 4;
    private const int Classes = 5;
    private static readonly int[] Labels = [0, 3, 3, 1];

    private static IEnumerable<TestCaseData> Cases => new[]
    {
        "softmax", "softmax, smoothed", "softmax, weighted", "softmax, weighted, smoothed", "softmax, shares", "sigmoid", "squared hinge",
    }.Select(name => new TestCaseData(name) { TestName = $"The loss {name} and its gradient are PyTorch's" });

    [TestCaseSource(nameof(Cases))]
    public void A_loss_and_its_gradient_are_those_of_PyTorch(string name)
    {
        var expected = GradientGoldens.Read("losses").GetProperty(name);
        var graph = Of(name, [.. GradientGoldens.Values(Images * Classes, 1).Select(value => value * 3)]);
        var (found, run) = (graph.Reference(), graph.Runtime());
        var loss = ReferenceEvaluator.Run(graph.Forward, graph.Inputs, graph.Loss)[0];
        Assert.Multiple(() =>
        {
            Assert.That(loss.Rank, Is.Zero);
            Assert.That(loss.Floats[0], Is.EqualTo(expected.GetProperty("loss").GetDouble()).Within(1e-6));
            Assert.That(run[graph.Loss][0], Is.EqualTo(loss.Floats[0]).Within(1e-5));
            Assert.That(Differentiated.Error(found["logits"], GradientGoldens.Numbers(expected.GetProperty("logits"))), Is.LessThan(1e-6));
            Assert.That(Differentiated.Error(found, graph.Differences()), Is.LessThan(1e-6));
            Assert.That(Differentiated.Error(run["logits"], found["logits"]), Is.LessThan(1e-5));
        });
    }

    [Test]
    public void Scores_of_any_size_give_finite_losses_and_gradients([Values("softmax", "softmax, smoothed", "sigmoid")] string name)
    {
        var run = Of(name, [.. Enumerable.Range(0, Images * Classes).Select(i => i % 3 == 0 ? 1e4 : -1e4)]).Runtime();
        Assert.That(run.Values.SelectMany(values => values).All(double.IsFinite));
    }

    private static Differentiated Of(string name, double[] logits)
    {
        var shares = GradientGoldens.Values(Images * Classes, 3, 0, 1);
        double[] targets = name switch
        {
            "sigmoid" => shares,
            "softmax, shares" => [.. shares.Select((share, i) => share / shares.Skip(i / Classes * Classes).Take(Classes).Sum())],
            _ => [.. Enumerable.Range(0, Images * Classes).Select(i => Labels[i / Classes] == i % Classes ? 1.0 : 0)],
        };
        var builder = GraphBuilder.Empty("loss", 17, 8);
        builder.Input("logits", DataType.Float, "N", Classes);
        builder.Input("targets", DataType.Float, "N", Classes);
        float[] weights = [.. GradientGoldens.Values(Classes, 2, 0.5, 2).Select(value => (float)value)];
        var loss = name switch
        {
            "sigmoid" => SigmoidCrossEntropy.Append(builder, "logits", "targets"),
            "squared hinge" => SquaredHinge.Append(builder, "logits", "targets", Classes),
            _ => SoftmaxCrossEntropy.Append(
                builder,
                "logits",
                "targets",
                Classes,
                name.Contains("smoothed", StringComparison.Ordinal) ? 0.1f : 0,
                name.Contains("weighted", StringComparison.Ordinal) ? weights : null),
        };
        var values = new Dictionary<string, Nd> { ["logits"] = Nd.Of(logits, Images, Classes), ["targets"] = Nd.Of(targets, Images, Classes) };
        return Differentiated.Of(builder.Build(), loss, values, ["logits"]);
    }
}
