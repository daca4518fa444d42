using CsCheck;
using Google.Protobuf;
using OnnxTransfer.Onnx.Protos;

namespace OnnxTransfer.Onnx.Tests.Format;

public class DamageTests
{
    [Test]
    public void A_model_cut_off_at_any_byte_is_refused()
    {
        var bytes = TinyModels.Network().ToBytes();
        for (var length = 0; length < bytes.Length; length++)
        {
            Sentences.Of(FailureKind.Model, () => OnnxModel.Parse(bytes[..length], "cut.onnx"));
        }
    }

    [Test]
    public void A_real_model_cut_off_anywhere_is_refused()
    {
        var bytes = File.ReadAllBytes(SharedFiles.Path("models/squeezenet1_1-fp16.onnx"));
        var random = new Random(1);
        foreach (var length in Enumerable.Range(0, 60).Select(_ => random.Next(bytes.Length)).Append(bytes.Length - 1))
        {
            Assert.That(Sentences.Of(FailureKind.Model, () => OnnxModel.Parse(bytes[..length], "cut.onnx")), Does.Contain("cut.onnx"));
        }
    }

    [Test]
    public void Damaged_bytes_give_a_sentence_or_a_graph_and_never_another_exception()
    {
        byte[][] models = [TinyModels.Network().ToBytes(), TinyModels.Network(1L).ToBytes(), Reshaping().ToBytes()];
        Gen.Select(Gen.Int[0, models.Length - 1], Gen.Select(Gen.Int[0, 100_000], Gen.Byte).Array[1, 4])
            .Sample((which, damage) =>
            {
                var bytes = models[which].ToArray();
                foreach (var (at, value) in damage)
                {
                    bytes[at % bytes.Length] = value;
                }

                try
                {
                    var prepared = Preparation.Prepare(OnnxModel.Parse(bytes, "damaged.onnx"));
                    _ = new Costs(ShapeInference.Infer(new Graph(prepared))).Total;
                }
                catch (OnnxTransferException e)
                {
                    return e.Kind == FailureKind.Model && e.Message.EndsWith('.');
                }

                return true;
            }, iter: 5000);
    }

    [Test]
    public void Random_bytes_are_not_a_model() =>
        Gen.Byte.Array[0, 300].Sample(bytes => Sentences.Of(FailureKind.Model, () => OnnxModel.Parse(bytes, "noise.onnx")).Length > 0);

    [TestCase("")]
    [TestCase("this is not a model\n")]
    [TestCase("<!DOCTYPE html><html></html>")]
    public void Text_is_not_a_model(string text) =>
        Assert.That(Sentences.Of(FailureKind.Model, () => OnnxModel.Parse(System.Text.Encoding.UTF8.GetBytes(text), "page.onnx")), Does.Contain("page.onnx"));

    [Test]
    public void Operator_set_6_is_refused_by_number()
    {
        var proto = TinyModels.Network().Copy();
        proto.OpsetImport[0].Version = 6;
        Assert.That(Sentences.Of(FailureKind.Model, () => OnnxModel.Parse(proto.ToByteArray(), "old.onnx")), Does.Contain("operator set 6"));
    }

    [Test]
    public void Weights_that_do_not_fill_their_shape_are_refused_by_name()
    {
        var proto = TinyModels.Network().Copy();
        proto.Graph.Initializer[0].Dims[0] = 1_000_000;
        Assert.That(Sentences.Of(FailureKind.Model, () => OnnxModel.Parse(proto.ToByteArray(), "x.onnx")), Does.Contain("conv.weight"));
    }

    [Test]
    public void A_missing_file_and_a_folder_are_refused()
    {
        Assert.That(Sentences.Of(FailureKind.Model, () => OnnxModel.Read("/no/such/model.onnx")), Does.Contain("/no/such/model.onnx"));
        Assert.That(Sentences.Of(FailureKind.Model, () => OnnxModel.Read(Path.GetTempPath())), Does.Contain("folder"));
    }

    private static OnnxModel Reshaping() => TinyModels.Of([1, 3, 4, 4], graph =>
    {
        var rows = graph.Add("Reshape", ["image", graph.Constant("rows", [1L, 3, 16], 3)], "rows");
        var turned = graph.Add("Transpose", [rows], "turned", ("perm", new long[] { 0, 2, 1 }));
        var split = graph.Add("Slice", [turned, graph.Constant("from", [0L], 1), graph.Constant("to", [8L], 1), graph.Constant("axis", [1L], 1)], "part");
        graph.Output(graph.Add("Concat", [split, turned], "joined", ("axis", 1L)), TensorProto.Types.DataType.Float, 1, 24, 3);
    });
}
