using static OnnxTransfer.Onnx.Protos.TensorProto.Types;

namespace OnnxTransfer.Onnx.Tests.Surgery;

public class GraphBuilderTests
{
    [Test]
    public void Names_are_never_given_twice()
    {
        var graph = new GraphBuilder(TinyModels.Network());
        Assert.Multiple(() =>
        {
            Assert.That(graph.Unique("relu"), Is.EqualTo("relu_1"));
            Assert.That(graph.Unique("relu"), Is.EqualTo("relu_2"));
            Assert.That(graph.Unique("conv.weight"), Is.EqualTo("conv.weight_1"));
            Assert.That(graph.Constant("image", [1f], 1), Is.EqualTo("image_1"));
            Assert.That(graph.Add("Relu", ["pool"], "pool"), Is.EqualTo("pool_1"));
        });
    }

    [Test]
    public void A_shape_is_noted_once_where_all_of_it_is_known_and_outputs_keep_theirs()
    {
        var graph = new GraphBuilder(TinyModels.Network());
        var (result, count) = (new Graph(TinyModels.Network()).Outputs[0].Name, graph.Build().Proto.Graph.ValueInfo.Count);
        graph.Describe("relu", new TensorShape([Dim.Named("N"), Dim.Of(4), Dim.Of(6)]));
        graph.Describe("relu", new TensorShape([Dim.Of(1)]));
        graph.Describe("pool", new TensorShape([Dim.Named("N"), Dim.Unknown]));
        graph.Describe(result, new TensorShape([Dim.Of(1)]));
        var noted = graph.Build().Proto.Graph.ValueInfo.Skip(count).ToList();
        Assert.That(noted.Select(static value => value.Name), Is.EqualTo(new[] { "relu" }));
        Assert.That(noted[0].Type.TensorType.Shape.Dim.Select(static dim => dim.HasDimParam ? dim.DimParam : $"{dim.DimValue}"), Is.EqualTo(new[] { "N", "4", "6" }));
    }

    [Test]
    public void Appended_nodes_run_and_the_model_built_upon_stays_as_it_was()
    {
        var model = TinyModels.Network();
        var before = model.ToBytes();
        var graph = new GraphBuilder(model);
        graph.ClearOutputs();
        graph.Output(graph.Add("Mul", ["scores", graph.Constant("two", [2f], 1)], "double"), DataType.Float, "N", 2);
        graph.SetMetadata("key", "old");
        graph.SetMetadata("key", "new");
        var built = graph.Build();

        var pixels = Runtime.Noise(3 * 64);
        var scores = Runtime.Run(model, pixels, 1, 3, 8, 8)["scores"].Values;
        Assert.Multiple(() =>
        {
            Assert.That(Runtime.Run(built, pixels, 1, 3, 8, 8)["double"].Values, Is.EqualTo(scores.Select(s => 2 * s)));
            Assert.That(built.Metadata("key"), Is.EqualTo("new"));
            Assert.That(model.ToBytes(), Is.EqualTo(before));
        });
    }

    [Test]
    public void A_renamed_tensor_is_renamed_everywhere()
    {
        var graph = new GraphBuilder(TinyModels.Network());
        graph.RenameTensor("image", "photo");
        graph.RenameTensor("scores", "logits");
        var built = graph.Build();
        Assert.That(Runtime.Run(built, Runtime.Noise(192), 1, 3, 8, 8).Keys, Is.EqualTo(["logits"]));
        Assert.That(new Graph(built).Inputs[0].Name, Is.EqualTo("photo"));
    }

    [Test]
    public void A_node_absorbs_the_only_reader_of_what_it_makes()
    {
        var model = TinyModels.Network();
        var graph = new GraphBuilder(model);
        var relu = new Graph(model).Nodes.First(node => node.OpType == "Relu");
        graph.Absorb(relu.Input[0], relu.Output[0]);
        var built = new Graph(graph.Build());
        Assert.That(built.Nodes.Select(node => node.OpType), Has.None.EqualTo("Relu"));
        Assert.That(built.Producer(relu.Output[0])!.OpType, Is.EqualTo(new Graph(model).Producer(relu.Input[0])!.OpType));
        Assert.That(Runtime.Run(built.Model, Runtime.Noise(192), 1, 3, 8, 8).Keys, Is.EqualTo(["scores"]));
    }

    [Test]
    public void A_node_reads_an_input_that_it_left_out()
    {
        var graph = GraphBuilder.Empty("case", 17, 8);
        graph.Input("x", DataType.Float, 1, 3, 2, 2);
        var y = graph.Add("Conv", ["x", graph.Constant("kernel", [1f, 1, 1], 1, 3, 1, 1)], "y");
        graph.Output(y, DataType.Float, 1, 1, 2, 2);
        graph.Rewire(y, 2, graph.Constant("intercept", [5f], 1));
        Assert.That(Runtime.Run(graph.Build(), new float[12], 1, 3, 2, 2)["y"].Values, Is.All.EqualTo(5f));
    }

    [Test]
    public void An_attribute_of_another_type_is_a_mistake_of_the_caller() =>
        Assert.That(() => new GraphBuilder(TinyModels.Network()).Add("Relu", ["pool"], "y", ("alpha", 1.0)), Throws.ArgumentException);
}
