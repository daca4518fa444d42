using Google.Protobuf;
using OnnxTransfer.Onnx.Protos;
using static OnnxTransfer.Onnx.Protos.TensorProto.Types;

namespace OnnxTransfer.Onnx.Tests.Surgery;

public class WideningTests
{
    [Test]
    public void Every_half_becomes_the_float_of_the_same_value()
    {
        var halves = Enumerable.Range(0, 65536).Select(b => BitConverter.UInt16BitsToHalf((ushort)b)).Where(h => !Half.IsNaN(h)).ToArray();
        var widened = Widened(DataType.Float16, [.. halves.SelectMany(h => BitConverter.GetBytes(BitConverter.HalfToUInt16Bits(h)))], halves.Length);
        Assert.That(widened, Is.EqualTo(halves.Select(h => (float)h)));
    }

    [Test]
    public void Every_bfloat_becomes_the_float_with_the_same_upper_bits()
    {
        var bits = Enumerable.Range(0, 65536).Select(b => (ushort)b).Where(b => !float.IsNaN(BitConverter.UInt32BitsToSingle((uint)b << 16))).ToArray();
        var widened = Widened(DataType.Bfloat16, [.. bits.SelectMany(BitConverter.GetBytes)], bits.Length);
        Assert.That(widened.Select(BitConverter.SingleToUInt32Bits), Is.EqualTo(bits.Select(b => (uint)b << 16)));
    }

    [Test]
    public void Halves_in_the_field_of_32_bit_integers_are_read_too()
    {
        var proto = Constant(DataType.Float16, 2);
        proto.Graph.Initializer[0].Int32Data.AddRange([0x3C00, 0xC000]);
        var tensor = Preparation.Prepare(OnnxModel.FromProto(proto, "half")).Proto.Graph.Initializer[0];
        Assert.That(TensorData.Floats(tensor), Is.EqualTo([1f, -2f]));
    }

    [Test]
    public void Nothing_of_a_half_precision_model_stays_half()
    {
        var model = Preparation.Prepare(OnnxModel.Read(SharedFiles.Path("models/squeezenet1_1-fp16.onnx")));
        var graph = model.Proto.Graph;
        Assert.Multiple(() =>
        {
            Assert.That(graph.Initializer.Select(t => (DataType)t.DataType), Has.None.EqualTo(DataType.Float16));
            Assert.That(graph.Input.Concat(graph.Output).Select(v => (DataType)v.Type.TensorType.ElemType), Is.All.EqualTo(DataType.Float));
            Assert.That(Runtime.Run(model, Runtime.Noise(2 * 3 * 224 * 224), 2, 3, 224, 224)["softmaxout_1"].Shape, Is.EqualTo([2, 1000, 1, 1]));
        });
    }

    [Test]
    public void Casts_to_half_become_casts_to_float()
    {
        var model = TinyModels.Of(["N", 3, 2, 2], graph => graph.Output(graph.Add("Cast", ["image"], "y", ("to", (long)DataType.Float16)), DataType.Float16, "N", 3, 2, 2));
        var node = Preparation.Prepare(model).Proto.Graph.Node[0];
        Assert.That((DataType)node.Attribute[0].I, Is.EqualTo(DataType.Float));
    }

    [Test]
    public void What_no_file_could_hold_as_float32_is_refused_by_the_tensor()
    {
        var proto = Constant(DataType.Float16, 1 << 29);
        Assert.That(Sentences.Of(FailureKind.Model, () => Preparation.Prepare(TinyModels.Network().WithProto(proto))), Does.Contain("'constant' has 536870912"));
    }

    private static float[] Widened(DataType type, byte[] raw, int count)
    {
        var proto = Constant(type, count);
        proto.Graph.Initializer[0].RawData = ByteString.CopyFrom(raw);
        return TensorData.Floats(Preparation.Prepare(OnnxModel.FromProto(proto, "half")).Proto.Graph.Initializer[0]);
    }

    private static ModelProto Constant(DataType type, int count)
    {
        var proto = TinyModels.Node(["N", 3, 2, 2], "Relu", 13, _ => []).Copy();
        proto.Graph.Initializer.Add(new TensorProto { Name = "constant", DataType = (int)type, Dims = { count } });
        return proto;
    }
}
