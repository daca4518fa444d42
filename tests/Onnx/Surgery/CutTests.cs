using Google.Protobuf;
using static OnnxTransfer.Onnx.Protos.TensorProto.Types;

namespace OnnxTransfer.Onnx.Tests.Surgery;

public class CutTests
{
    [Test]
    public void A_cut_keeps_what_its_tensors_need_and_computes_the_same()
    {
        var model = TinyModels.Network();
        var cut = Cut.At(model, ["pool", "relu"]);
        var graph = cut.Proto.Graph;
        Assert.Multiple(() =>
        {
            Assert.That(graph.Node.Select(n => n.OpType), Is.EqualTo(["Conv", "Relu", "GlobalAveragePool"]));
            Assert.That(graph.Initializer.Select(t => t.Name), Is.EqualTo(["conv.weight"]));
            Assert.That(graph.Output.Select(o => o.Name), Is.EqualTo(["pool", "relu"]));
            Assert.That(model.Proto.Graph.Node, Has.Count.EqualTo(5), "the argument is left as it was");
        });

        var pixels = Runtime.Noise(2 * 3 * 64);
        var all = Runtime.Run(Cut.At(model, ["relu", "pool", "scores"]), pixels, 2, 3, 8, 8);
        var some = Runtime.Run(cut, pixels, 2, 3, 8, 8);
        Assert.That(some["pool"].Values, Is.EqualTo(all["pool"].Values));
        Assert.That(some["relu"].Values, Is.EqualTo(all["relu"].Values));
    }

    [Test]
    public void A_cut_at_a_name_that_no_node_makes_is_refused()
    {
        Assert.That(Sentences.Of(FailureKind.Model, () => Cut.At(TinyModels.Network(), ["nothing"])), Does.Contain("'nothing'"));
        Assert.That(Sentences.Of(FailureKind.Model, () => Cut.At(TinyModels.Network(), ["image"])), Does.Contain("'image'"));
        Assert.That(() => Cut.At(TinyModels.Network(), []), Throws.TypeOf<OnnxTransferException>().With.Property("Kind").EqualTo(FailureKind.Usage));
        Assert.That(() => Cut.At(TinyModels.Network(), ["relu", "relu"]), Throws.TypeOf<OnnxTransferException>());
    }

    [Test]
    public void Cutting_a_cut_gives_the_same_graph()
    {
        var cut = Cut.At(TinyModels.Network(), ["relu"]);
        Assert.That(Cut.At(cut, ["relu"]).Proto, Is.EqualTo(cut.Proto));
    }

    [Test]
    public void A_cut_keeps_what_a_newer_format_says_of_the_graph()
    {
        var proto = TinyModels.Network().Copy();
        proto.Graph.DocString = "a network";
        proto.Graph.MergeFrom([0xCA, 0x01, 0x01, 0x07]); // field 25, which is not in our proto: one byte
        var cut = Cut.At(OnnxModel.FromProto(proto, "tiny"), ["relu"]).Proto.Graph;
        Assert.That(cut.DocString, Is.EqualTo("a network"));
        byte[] field = [0xCA, 0x01, 0x01, 0x07];
        Assert.That(cut.ToByteArray().AsSpan().IndexOf(field), Is.GreaterThanOrEqualTo(0));
    }

    [Test]
    public void Bodies_keep_what_they_capture()
    {
        var model = TinyModels.Of(["N", 3, 2, 2], graph =>
        {
            var bias = graph.Add("Relu", ["image"], "captured");
            graph.Output(bias, DataType.Float);
            graph.Add("Abs", ["image"], "unused");
        });
        var proto = model.Copy();
        var body = new Protos.GraphProto { Name = "body", Node = { new Protos.NodeProto { OpType = "Neg", Input = { "captured" }, Output = { "inner" } } } };
        body.Output.Add(new Protos.ValueInfoProto { Name = "inner" });
        proto.Graph.Node.Add(new Protos.NodeProto { OpType = "If", Input = { "image" }, Output = { "y" }, Attribute = { new Protos.AttributeProto { Name = "then_branch", G = body } } });
        var cut = Cut.At(model.WithProto(proto), ["y"]);
        Assert.That(cut.Proto.Graph.Node.Select(n => n.OpType), Is.EqualTo(["Relu", "If"]));
    }
}
