using System.Text.Json.Nodes;
using OnnxTransfer.Engine;
using OnnxTransfer.Heads;
using OnnxTransfer.Onnx;
using Runtime = OnnxTransfer.Onnx.Tests.Runtime;

namespace OnnxTransfer.FineTuning.Tests.Tuning;

public class WeightsTests
{
    [Test]
    public void Fresh_weights_are_spread_as_their_layers_ask_for_and_the_same_for_the_same_seed()
    {
        var (model, other) = (FreshWeights.Of(StripedPhotos.Network(norm: true), 3), FreshWeights.Of(StripedPhotos.Network(norm: true), 4));
        var weights = Weights(model);
        var kernel = weights["second.kernel"];
        Assert.That(Math.Sqrt(kernel.Average(value => value * value)), Is.EqualTo(Math.Sqrt(2.0 / (8 * 9))).Within(0.02), "2 / (outputs x positions)");
        Assert.That(Math.Sqrt(weights["fc"].Average(value => value * value)), Is.EqualTo(0.01).Within(0.003));
        Assert.That(weights["second.intercept"].Concat(weights["shift"]).Concat(weights["mean"]), Is.All.Zero);
        Assert.That(weights["scale"].Concat(weights["variance"]), Is.All.EqualTo(1));
        Assert.That(Weights(FreshWeights.Of(StripedPhotos.Network(norm: true), 3)), Is.EqualTo(weights));
        Assert.That(Weights(other)["second.kernel"], Is.Not.EqualTo(kernel));
    }

    [Test]
    public void Stored_weights_are_replaced_by_name_and_nothing_else_is()
    {
        var proto = StripedPhotos.Network().Proto.Clone();
        var before = Weights(StripedPhotos.Network());
        StoredWeights.Replace(proto.Graph, new Dictionary<string, float[]> { ["fc.bias"] = [.. Enumerable.Range(0, 10).Select(i => (float)i)] });
        var after = Weights(StripedPhotos.Network().WithProto(proto));
        Assert.That(after["fc.bias"], Is.EqualTo(Enumerable.Range(0, 10)));
        Assert.That(after.Where(pair => pair.Key != "fc.bias"), Is.EquivalentTo(before.Where(pair => pair.Key != "fc.bias")));
        Assert.Throws<ArgumentException>(() => StoredWeights.Replace(proto.Graph, new Dictionary<string, float[]> { ["none"] = [1] }));
    }

    [Test]
    public void A_tuned_model_gives_the_scores_of_the_program_with_the_learned_weights()
    {
        using var photos = new StripedPhotos(each: 0, norm: true);
        using var backbone = Backbone.Load(photos.Model);
        var classifier = StartingClassifier.Blank(backbone, backbone.Tap("penultimate"), ["a", "b"], null, HeadLoss.Softmax).Classifier;
        var compiled = ClassifierCompiler.Compile(backbone, classifier, new FineTuneOptions { BatchStatistics = true });
        using var engine = new GraphEngine(compiled.Program, compiled.Start, new Sgd(), null, threads: 1);
        var batch = new TrainingBatch(2, [Runtime.Noise(2 * 3 * 16 * 16)], [1, 0, 0, 1]);
        for (var step = 0; step < 5; step++)
        {
            engine.Accumulate(batch);
            engine.Update(0.1);
        }

        var state = engine.State();
        var tuned = TunedModel.Make(classifier, state.Parameters.Concat(state.Statistics).ToDictionary(), new JsonObject { ["epochs"] = 5 });
        var logits = engine.Evaluate(batch).Logits;
        Assert.That(Runtime.Run(tuned, batch.Inputs[0], 2, 3, 16, 16)["logits"].Values, Is.EqualTo(logits).Within(1e-5f));
        Assert.That(logits, Is.Not.All.EqualTo(0f).Within(1e-3f), "something was learned");
        Assert.That(tuned.Proto.Graph.Node.Select(node => node.OpType), Has.None.EqualTo("BatchNormalization"));
        Assert.That(tuned.Proto.MetadataProps.Single(entry => entry.Key == TunedModel.Metadata).Value, Is.EqualTo("""{"epochs":5}"""));
    }

    private static Dictionary<string, float[]> Weights(OnnxModel model) =>
        model.Proto.Graph.Initializer.Where(TensorData.IsFloating).ToDictionary(tensor => tensor.Name, TensorData.Floats);
}
