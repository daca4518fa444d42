using Google.Protobuf;
using OnnxTransfer.Onnx.Protos;
using static OnnxTransfer.Onnx.Protos.TensorProto.Types;

namespace OnnxTransfer.Onnx.Tests.Format;

public class UnreadTensorsTests
{
    [Test]
    public void Sparse_tensors_are_refused_by_name_wherever_they_stand()
    {
        var sparse = new SparseTensorProto { Values = TensorData.Of("thin", [1f], 1), Dims = { 4 } };
        Refused(proto => proto.Graph.SparseInitializer.Add(sparse), "'thin'");
        Refused(proto => proto.Graph.Node[0].Attribute.Add(new AttributeProto { Name = "sparse_value", SparseTensor = sparse }), "'thin'");
        Refused(
            proto => proto.Graph.Node[0].Attribute.Add(new AttributeProto { Name = "body", G = new GraphProto { SparseInitializer = { sparse } } }),
            "'thin'");
        Refused(proto => proto.Functions.Add(Function(new AttributeProto { Name = "sparse_value", SparseTensor = sparse })), "'thin'");
    }

    [Test]
    public void A_function_may_hold_tensors_but_none_in_another_file()
    {
        var tensor = TensorData.Of("inside", [1f], 1);
        var proto = TinyModels.Network().Copy();
        proto.Functions.Add(Function(new AttributeProto { Name = "value", T = tensor.Clone() }));
        Assert.That(OnnxModel.Parse(proto.ToByteArray(), "tiny").Proto.Functions, Has.Count.EqualTo(1));

        tensor.ClearRawData();
        tensor.DataLocation = DataLocation.External;
        tensor.ExternalData.Add(new StringStringEntryProto { Key = "location", Value = "weights.bin" });
        Refused(p => p.Functions.Add(Function(new AttributeProto { Name = "value", T = tensor })), "'inside' in the function Twice");
    }

    private static FunctionProto Function(AttributeProto attribute) => new()
    {
        Name = "Twice",
        Domain = "own",
        Node = { new NodeProto { OpType = "Constant", Output = { "k" }, Attribute = { attribute } } },
    };

    private static void Refused(Action<ModelProto> change, string what)
    {
        var proto = TinyModels.Network().Copy();
        change(proto);
        Assert.That(Sentences.Of(FailureKind.Model, () => OnnxModel.Parse(proto.ToByteArray(), "tiny")), Does.Contain(what));
    }
}
