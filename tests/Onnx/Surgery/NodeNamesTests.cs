namespace OnnxTransfer.Onnx.Tests.Surgery;

public class NodeNamesTests
{
    [Test]
    public void Unnamed_nodes_are_named_after_operator_and_place_without_taking_a_name()
    {
        var proto = TinyModels.Network().Copy();
        proto.Graph.Node[0].Name = "Relu_1";
        proto.Graph.Node[1].Name = "";
        proto.Graph.Node[2].ClearName();
        var names = Preparation.Prepare(OnnxModel.FromProto(proto, "x")).Proto.Graph.Node.Select(n => n.Name).ToList();
        Assert.That(names[..3], Is.EqualTo(["Relu_1", "Relu_1_", "GlobalAveragePool_2"]));
        Assert.That(names, Is.Unique);
    }
}
