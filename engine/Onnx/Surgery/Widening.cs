using System.Runtime.InteropServices;
using Google.Protobuf;
using OnnxTransfer.Onnx.Protos;
using DataType = OnnxTransfer.Onnx.Protos.TensorProto.Types.DataType;

namespace OnnxTransfer.Onnx;

/// <summary>
/// Half-precision models as float32: the weights are cast once, exactly, instead of at every run by a CPU that has no
/// half-precision arithmetic. Sums are then taken in float32, which is at least as near to the trained network.
/// </summary>
internal static class Widening
{
    private const int MostElements = int.MaxValue / sizeof(float);

    /// <summary>Turns float16 and bfloat16 into float32 wherever a type stands: weights, constants, attributes, values.</summary>
    public static void ToFloat32(ModelProto proto) => Widen(proto.Graph);

    private static void Widen(GraphProto graph)
    {
        foreach (var tensor in graph.Initializer)
        {
            Widen(tensor);
        }

        foreach (var value in graph.Input.Concat(graph.Output).Concat(graph.ValueInfo))
        {
            if (value.Type?.TensorType is { } type && IsHalf(type.ElemType))
            {
                type.ElemType = (int)DataType.Float;
            }
        }

        foreach (var attribute in graph.Node.SelectMany(n => n.Attribute))
        {
            // Cast names its type in `to`, the generators (RandomNormal, EyeLike, Bernoulli) in `dtype`.
            if (attribute.Name is "to" or "dtype" && IsHalf((int)attribute.I))
            {
                attribute.I = (long)DataType.Float;
            }

            Widen(attribute.T);
            foreach (var tensor in attribute.Tensors)
            {
                Widen(tensor);
            }

            if (attribute.G is not null)
            {
                Widen(attribute.G);
            }

            foreach (var body in attribute.Graphs)
            {
                Widen(body);
            }
        }
    }

    private static void Widen(TensorProto? tensor)
    {
        if (tensor is null || !IsHalf(tensor.DataType))
        {
            return;
        }

        if (TensorData.Elements(tensor) is > MostElements and var count)
        {
            throw new OnnxTransferException(
                FailureKind.Model,
                $"The tensor '{tensor.Name}' has {count} half-precision numbers, more than the {MostElements} that an ONNX file can hold as float32; use a smaller model.");
        }

        var values = TensorData.Floats(tensor);
        tensor.Int32Data.Clear();
        tensor.DataType = (int)DataType.Float;
        tensor.RawData = ByteString.CopyFrom(MemoryMarshal.AsBytes<float>(values));
    }

    private static bool IsHalf(int type) => (DataType)type is DataType.Float16 or DataType.Bfloat16;
}
