using Google.Protobuf;
using OnnxTransfer.Onnx.Protos;
using static OnnxTransfer.Onnx.Protos.TensorProto.Types;

namespace OnnxTransfer.Onnx.Tests.Format;

public class ModelFileTests
{
    [Test]
    public void Fields_that_are_not_known_are_written_back()
    {
        // Field 20 of ModelProto (training_info) and field 25 of GraphProto (metadata in newer versions) are not in our proto.
        var graph = TinyModels.Network().Proto.Graph.ToByteArray();
        using var stream = new MemoryStream();
        var output = new CodedOutputStream(stream);
        output.WriteTag(1, WireFormat.WireType.Varint);
        output.WriteInt64(7);
        output.WriteTag(7, WireFormat.WireType.LengthDelimited);
        output.WriteBytes(ByteString.CopyFrom([.. graph, .. Unknown(25, "inside")]));
        output.WriteTag(8, WireFormat.WireType.LengthDelimited);
        output.WriteBytes(new OperatorSetIdProto { Domain = "", Version = 13 }.ToByteString());
        output.WriteTag(20, WireFormat.WireType.LengthDelimited);
        output.WriteString("outside");
        output.Flush();
        var bytes = stream.ToArray();

        var written = OnnxModel.Parse(bytes, "new.onnx").ToBytes();
        Assert.That(written, Is.EqualTo(bytes));
        var prepared = System.Text.Encoding.Latin1.GetString(Preparation.Prepare(OnnxModel.Parse(bytes, "new.onnx")).ToBytes());
        Assert.That(prepared, Does.Contain("inside").And.Contain("outside"));
    }

    [Test]
    public void Weights_that_are_also_inputs_are_not_fed_and_become_constants()
    {
        var proto = TinyModels.Network().Copy();
        proto.IrVersion = 3;
        foreach (var tensor in proto.Graph.Initializer)
        {
            proto.Graph.Input.Add(new ValueInfoProto { Name = tensor.Name, Type = new TypeProto { TensorType = new TypeProto.Types.Tensor { ElemType = (int)DataType.Float } } });
        }

        var model = OnnxModel.Parse(proto.ToByteArray(), "ir3.onnx");
        Assert.That(new Graph(model).Inputs.Select(i => i.Name), Is.EqualTo(["image"]));
        var prepared = Preparation.Prepare(model);
        Assert.Multiple(() =>
        {
            Assert.That(prepared.Proto.Graph.Input, Has.Count.EqualTo(1));
            Assert.That(prepared.Proto.IrVersion, Is.EqualTo(4));
            Assert.That(model.Proto.Graph.Input, Has.Count.EqualTo(3), "the argument is left as it was");
            Assert.That(prepared.Sha256, Is.EqualTo(model.Sha256));
        });
    }

    [Test]
    public void The_hash_of_the_weights_ignores_names_and_layout()
    {
        var raw = TinyModels.Network().Copy();
        var typed = raw.Clone();
        foreach (var tensor in typed.Graph.Initializer)
        {
            var values = TensorData.Floats(tensor);
            tensor.ClearRawData();
            tensor.FloatData.AddRange(values);
            tensor.Name += "/other";
        }

        foreach (var node in typed.Graph.Node.Where(n => n.Input.Count > 1))
        {
            node.Input[1] += "/other";
        }

        var (a, b) = (OnnxModel.Parse(raw.ToByteArray(), "a"), OnnxModel.Parse(typed.ToByteArray(), "b"));
        Assert.That(b.WeightsSha256, Is.EqualTo(a.WeightsSha256));
        Assert.That(b.Sha256, Is.Not.EqualTo(a.Sha256));
    }

    [Test]
    public void Nodes_in_any_order_are_sorted_and_circles_are_refused()
    {
        var proto = TinyModels.Network().Copy();
        var reversed = proto.Graph.Node.Reverse().ToList();
        proto.Graph.Node.Clear();
        proto.Graph.Node.AddRange(reversed);
        Assert.That(new Graph(OnnxModel.FromProto(proto, "x")).Nodes.Select(n => n.OpType), Is.EqualTo(["Conv", "Relu", "GlobalAveragePool", "Flatten", "Gemm"]));

        proto.Graph.Node.Single(n => n.OpType == "Conv").Input[0] = "relu";
        Assert.That(Sentences.Of(FailureKind.Model, () => _ = new Graph(OnnxModel.FromProto(proto, "x"))), Does.Contain("circle"));
    }

    private static byte[] Unknown(int field, string text)
    {
        using var stream = new MemoryStream();
        var output = new CodedOutputStream(stream);
        output.WriteTag(field, WireFormat.WireType.LengthDelimited);
        output.WriteString(text);
        output.Flush();
        return stream.ToArray();
    }
}
