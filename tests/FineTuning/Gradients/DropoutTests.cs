using Google.Protobuf;
using OnnxTransfer.FineTuning.Tests.Reference;
using OnnxTransfer.Onnx;
using OnnxTransfer.Onnx.Protos;
using static OnnxTransfer.Onnx.Protos.TensorProto.Types;

namespace OnnxTransfer.FineTuning.Tests.Gradients;

/// <summary>Dropout: random, and so its own mask is compared with.</summary>
[TestFixture]
public class DropoutTests
{
    private const int Length = 64;

    [Test]
    public void The_gradient_of_a_seeded_dropout_goes_through_its_own_mask()
    {
        var values = Inputs();
        var builder = Begin();
        var y = builder.Add("Dropout", ["x", builder.Constant("ratio", [0.25f]), "training"], "y", ("seed", 7L));
        var proto = builder.Build().Proto;
        proto.Graph.Initializer.Add(new TensorProto { Name = "training", DataType = (int)DataType.Bool, RawData = ByteString.CopyFrom(1) });
        builder = new GraphBuilder(OnnxModel.FromProto(proto, "case"));

        // What was kept shows in the gradient, which is the weight over 0.75 there and 0 elsewhere, and the result must agree.
        var run = Of(builder, values, y).Runtime();
        var kept = run["x"].Count(gradient => gradient != 0);
        Assert.Multiple(() =>
        {
            Assert.That(kept, Is.InRange(30, 60));
            Assert.That(run["x"].Zip(values["weights0"].Floats).All(pair => pair.First == 0 || Math.Abs(pair.First - (pair.Second / 0.75)) < 1e-6));
            Assert.That(run.Single(pair => pair.Key != "x").Value[0], Is.EqualTo(run["x"].Zip(values["x"].Floats, (a, b) => a * b).Sum()).Within(1e-4));
        });
    }

    [Test]
    public void A_training_mode_that_an_input_gives_is_refused()
    {
        var builder = Begin();
        builder.Input("mode", DataType.Bool);
        var loss = builder.Add("ReduceSum", [builder.Add("Dropout", ["x", builder.Constant("ratio", [0.25f]), "mode"], "y")], "loss", ("keepdims", 0L));
        var failure = Assert.Throws<NoGradientException>(() => Differentiated.Of(builder.Build(), loss, Inputs(), ["x"]))!;
        Assert.That(failure.Message, Does.Contain("training mode"));
    }

    [Test]
    public void Without_training_mode_the_gradient_passes_unchanged()
    {
        var values = Inputs();
        var builder = Begin();
        var y = builder.Add("Dropout", ["x"], "y");
        Assert.That(Of(builder, values, y).Reference()["x"], Is.EqualTo(values["weights0"].Floats));
    }

    private static GraphBuilder Begin()
    {
        var builder = GraphBuilder.Empty("case", 17, 8);
        builder.Input("x", DataType.Float, Length);
        return builder;
    }

    private static Dictionary<string, Nd> Inputs() => new() { ["x"] = Nd.Of(GradientGoldens.Values(Length, 1), Length) };

    private static Differentiated Of(GraphBuilder builder, Dictionary<string, Nd> values, string y)
    {
        var loss = GradientCase.Loss(builder, values, y);
        return Differentiated.Of(builder.Build(), loss, values, ["x"]);
    }
}
