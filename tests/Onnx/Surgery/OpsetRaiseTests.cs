using OnnxTransfer.Onnx.Protos;
using static OnnxTransfer.Onnx.Protos.TensorProto.Types;

namespace OnnxTransfer.Onnx.Tests.Surgery;

public class OpsetRaiseTests
{
    private static readonly object[] Image = ["N", 3, 4, 6];

    [TestCase("Softmax", 7)]
    [TestCase("Softmax", 12)]
    [TestCase("LogSoftmax", 11)]
    [TestCase("Hardmax", 11)]
    public void A_softmax_over_several_axes_stays_one(string op, long opset)
    {
        Same(TinyModels.Node(Image, op, opset, _ => []));
        Same(TinyModels.Node(Image, op, opset, _ => [], ("axis", 2L)));
        Same(TinyModels.Node(Image, op, opset, _ => [], ("axis", 3L)));
        Same(TinyModels.Node(["N", 3, "H", 6], op, opset, _ => [], ("axis", 2L)));
    }

    [TestCase(new object[] { "N", 12, 1, 1 }, 1L)]
    [TestCase(new object[] { "N", 12 }, 1L)]
    [TestCase(new object[] { "N", 1, 1, 12 }, 1L)]
    public void A_softmax_over_one_axis_needs_no_other_node(object[] image, long axis)
    {
        var model = TinyModels.Node(image, "Softmax", 7, _ => [], ("axis", axis));
        var raised = OpsetRaise.To17(model);
        Assert.That(raised.Proto.Graph.Node, Has.Count.EqualTo(1));
        Same(model, [.. image.Select(dim => dim as int? ?? 2)]);
    }

    [TestCase(7, "nearest")]
    [TestCase(8, "linear")]
    public void Upsampling_by_an_attribute_becomes_resizing(long opset, string mode) =>
        Same(TinyModels.Node(Image, "Upsample", opset, _ => [], ("scales", new[] { 1f, 1, 2.5f, 1.7f }), ("mode", mode)));

    [TestCase("nearest")]
    [TestCase("linear")]
    public void Upsampling_by_an_input_becomes_resizing(string mode) =>
        Same(TinyModels.Node(Image, "Upsample", 9, graph => [graph.Constant("scales", [1f, 1, 3, 2], 4)], ("mode", mode)));

    [TestCase("nearest", 2f, 1.6f)]
    [TestCase("nearest", 0.4f, 0.7f)]
    [TestCase("nearest", 0.5f, 1f)]
    [TestCase("linear", 0.4f, 1.6f)]
    [TestCase("linear", 2f, 2.5f)]
    public void Resizing_of_set_10_keeps_its_places(string mode, float height, float width) =>
        Same(TinyModels.Node(["N", 3, 7, 10], "Resize", 10, graph => [graph.Constant("scales", [1, 1, height, width], 4)], ("mode", mode)), 2, 3, 7, 10);

    [Test]
    public void A_normalisation_and_dropout_lose_what_inference_does_not_use()
    {
        Same(TinyModels.Node(Image, "BatchNormalization", 7, graph => [.. "smbv".Select(c => graph.Constant($"{c}", [0.5f, 1, 2], 3))], ("spatial", 1L), ("momentum", 0.5f), ("epsilon", 0.1f)));
        Same(TinyModels.Node(Image, "Dropout", 7, _ => [], ("ratio", 0.3f)));
        var proto = TinyModels.Node(Image, "Dropout", 10, _ => []).Copy();
        proto.Graph.Node[0].Output.Add("mask");
        Same(OnnxModel.FromProto(proto, "tiny"));
    }

    [Test]
    public void Numbers_that_were_attributes_become_inputs()
    {
        Same(TinyModels.Node(Image, "Clip", 7, _ => [], ("min", -0.25f), ("max", 0.5f)));
        Same(TinyModels.Node(Image, "Clip", 10, _ => [], ("max", 0.5f)));
        Same(TinyModels.Node(Image, "Pad", 7, _ => [], ("pads", new long[] { 0, 0, 1, 2, 0, 1, 0, 3 }), ("value", 0.5f)));
        Same(TinyModels.Node(Image, "Pad", 10, _ => [], ("pads", new long[] { 0, 0, 1, 2, 0, 0, 0, 3 }), ("mode", "reflect")));
        Same(TinyModels.Node(Image, "Slice", 7, _ => [], ("starts", new long[] { 1, -4 }), ("ends", new long[] { 3, 1000 }), ("axes", new long[] { 1, 3 })));
        Same(TinyModels.Node(Image, "Slice", 9, _ => [], ("starts", new long[] { 0, 1 }), ("ends", new long[] { 1, 3 })));
        SameOfTwo(TinyModels.Node(Image, "TopK", 7, _ => [], ("k", 2L), ("axis", 1L)));
        Same(TinyModels.Node(Image, "Unsqueeze", 11, _ => [], ("axes", new long[] { 0, -1 })));
        Same(TinyModels.Node(["N", 1, 4, 1], "Squeeze", 7, _ => [], ("axes", new long[] { 3, 1 })), 2, 1, 4, 1);
        Same(TinyModels.Node(["N", 1, 4, 1], "Squeeze", 11, _ => []), 2, 1, 4, 1);
        Same(TinyModels.Node(Image, "ReduceSum", 7, _ => [], ("axes", new long[] { 2, 3 }), ("keepdims", 0L)));
        Same(TinyModels.Node(Image, "ReduceSum", 12, _ => []));
        SameOfTwo(TinyModels.Node(Image, "Split", 7, _ => [], ("axis", 1L), ("split", new long[] { 1, 2 })));
        SameOfTwo(TinyModels.Node(Image, "Split", 11, _ => [], ("axis", 3L)));
    }

    [Test]
    public void Numbers_take_the_type_of_what_they_bound()
    {
        var model = TinyModels.Of(Image, graph =>
        {
            var wide = graph.Add("Cast", ["image"], "wide", ("to", (long)DataType.Double));
            var bounded = graph.Add("Clip", [graph.Add("Pad", [wide], "padded", ("pads", new long[8]), ("value", 1f))], "bounded", ("min", 0f));
            graph.Output(graph.Add("Cast", [bounded], "y", ("to", (long)DataType.Float)), DataType.Float);
        }, opset: 9);

        // The runtime has no Clip of doubles in set 9: the result is compared with the one in floats.
        var raised = Runtime.Run(OpsetRaise.To17(model), Runtime.Noise(2 * 3 * 4 * 6), 2, 3, 4, 6)["y"].Values;
        Assert.That(raised, Is.EqualTo(Runtime.Noise(2 * 3 * 4 * 6).Select(x => MathF.Max(x, 0))));
    }

    [Test]
    public void A_scatter_gets_its_new_name_and_regions_keep_their_places()
    {
        Same(TinyModels.Of(Image, graph => graph.Output(
            graph.Add("Scatter", ["image", graph.Constant("places", [1L, 0], 1, 1, 1, 2), graph.Constant("values", [7f, 8], 1, 1, 1, 2)], "y", ("axis", 3L)), DataType.Float), opset: 9), 1, 3, 4, 6);
        Same(TinyModels.Node(Image, "RoiAlign", 10, graph => [graph.Constant("regions", [0, 0, 3, 2.5f], 1, 4), graph.Constant("images", [0L], 1)], ("output_height", 2L), ("output_width", 3L)));
    }

    [Test]
    public void Bodies_are_raised_too()
    {
        var proto = TinyModels.Of(Image, graph =>
        {
            var sum = graph.Add("ReduceSum", ["image"], "sum", ("keepdims", 0L));
            graph.Add("Greater", [sum, graph.Constant("zero", [0f])], "positive");
        }, opset: 12).Copy();
        GraphProto Body(string op) => new()
        {
            Name = op,
            Node = { new NodeProto { OpType = op, Input = { "image" }, Output = { $"{op}_y" } } },
            Output = { new ValueInfoProto { Name = $"{op}_y", Type = new TypeProto { TensorType = new TypeProto.Types.Tensor { ElemType = (int)DataType.Float } } } },
        };
        proto.Graph.Node.Add(new NodeProto
        {
            OpType = "If",
            Name = "branch",
            Input = { "positive" },
            Output = { "y" },
            Attribute =
            {
                new AttributeProto { Name = "then_branch", G = Body("Softmax"), Type = AttributeProto.Types.AttributeType.Graph },
                new AttributeProto { Name = "else_branch", G = Body("LogSoftmax"), Type = AttributeProto.Types.AttributeType.Graph },
            },
        });
        proto.Graph.Output.Add(new ValueInfoProto { Name = "y", Type = proto.Graph.Node[^1].Attribute[0].G.Output[0].Type.Clone() });
        Same(OnnxModel.FromProto(proto, "tiny"));
    }

    [Test]
    public void What_set_17_does_not_have_is_refused_by_the_node()
    {
        Refused("BatchNormalization", 8, graph => [.. "smbv".Select(c => graph.Constant($"{c}", new float[72], 3, 4, 6))], 1, ("spatial", 0L));
        Refused("BatchNormalization", 13, graph => [.. "smbv".Select(c => graph.Constant($"{c}", new float[3], 3))], 5);
        Refused("Dropout", 7, _ => [], 2);
        Refused("Resize", 10, graph => [graph.Constant("scales", [1, 1, 0.5f, 2], 4)], 1);

        static void Refused(string op, long opset, Func<GraphBuilder, string[]> more, int outputs, params (string, object)[] attributes)
        {
            var model = WithOutputs(TinyModels.Node(Image, op, opset, more, attributes), outputs);
            Assert.That(Sentences.Of(FailureKind.Model, () => OpsetRaise.To17(model)), Does.Contain($"y/{op}").And.Contain("tiny"));
        }
    }

    [Test]
    public void A_model_of_set_17_or_later_is_left_alone([Values(17, 18)] long opset)
    {
        var model = TinyModels.Node(Image, "Relu", opset, _ => []);
        Assert.That(OpsetRaise.To17(model), Is.SameAs(model));
    }

    [Test]
    public void The_embedded_network_computes_the_same_numbers() => SameNetwork(OnnxModel.Read(SharedFiles.ResNet18()));

    [Test]
    public void So_does_a_network_of_half_precision() => SameNetwork(OnnxModel.Read(SharedFiles.Path("models/squeezenet1_1-fp16.onnx")));

    private static void SameNetwork(OnnxModel source)
    {
        var model = Preparation.Prepare(source);
        var before = model.Copy();
        var raised = OpsetRaise.To17(model);
        Assert.That(model.Proto, Is.EqualTo(before));
        Assert.That(ShapeInference.Infer(new Graph(raised)).Shape(raised.Proto.Graph.Output[0].Name)?.ToString(), Is.EqualTo(ShapeInference.Infer(new Graph(model)).Shape(raised.Proto.Graph.Output[0].Name)?.ToString()));
        Compare(model, raised, 1, [1, 3, 224, 224]);
    }

    private static void Same(OnnxModel model, params int[] shape) => Compare(model, OpsetRaise.To17(model), 1, shape.Length > 0 ? shape : [2, 3, 4, 6]);

    private static void SameOfTwo(OnnxModel model)
    {
        model = WithOutputs(model, 2);
        Compare(model, OpsetRaise.To17(model), 2, [2, 3, 4, 6]);
    }

    private static void Compare(OnnxModel model, OnnxModel raised, int outputs, int[] shape)
    {
        Assert.That(raised.Opset, Is.EqualTo(17));
        var pixels = Runtime.Noise(shape.Aggregate(1, (product, dim) => product * dim), seed: 7);
        var (expected, found) = (Runtime.Run(model, pixels, shape), Runtime.Run(raised, pixels, shape));
        Assert.That(found.Keys, Is.EquivalentTo(expected.Keys).And.Exactly(outputs).Items);
        foreach (var (name, result) in expected)
        {
            Assert.That(found[name].Shape, Is.EqualTo(result.Shape), name);
            Assert.That(found[name].Values, Is.EqualTo(result.Values), name);
        }
    }

    private static OnnxModel WithOutputs(OnnxModel model, int outputs)
    {
        var proto = model.Copy();
        for (var i = 1; i < outputs; i++)
        {
            proto.Graph.Node[0].Output.Add($"y{i}");
            var type = proto.Graph.Node[0].OpType == "TopK" ? DataType.Int64 : DataType.Float;
            proto.Graph.Output.Add(new ValueInfoProto { Name = $"y{i}", Type = new TypeProto { TensorType = new TypeProto.Types.Tensor { ElemType = (int)type } } });
        }

        return OnnxModel.FromProto(proto, "tiny");
    }
}
