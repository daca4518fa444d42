using System.Buffers.Binary;
using System.Runtime.InteropServices;
using Google.Protobuf;
using OnnxTransfer.Onnx.Protos;
using DataType = OnnxTransfer.Onnx.Protos.TensorProto.Types.DataType;

namespace OnnxTransfer.Onnx;

/// <summary>The numbers of a TensorProto, whichever of the format's fields they lie in.</summary>
public static class TensorData
{
    /// <summary>The number of elements that the declared dimensions ask for.</summary>
    /// <exception cref="OnnxTransferException">
    /// <see cref="FailureKind.Model"/>: a negative dimension, or a product beyond what an array can hold.
    /// </exception>
    public static int Count(TensorProto tensor)
    {
        long count = 1;
        foreach (var dim in tensor.Dims)
        {
            if (dim < 0)
            {
                throw Broken(tensor, $"has the dimension {dim}");
            }

            count = dim == 0 || count <= Array.MaxLength / dim ? count * dim : throw Broken(tensor, "is too large");
        }

        return (int)count;
    }

    /// <summary>The elements of a float, double, float16 or bfloat16 tensor as float32, in row-major order.</summary>
    /// <exception cref="OnnxTransferException">
    /// <see cref="FailureKind.Model"/>: another element type, or data that does not match the dimensions.
    /// </exception>
    public static float[] Floats(TensorProto tensor)
    {
        var count = Count(tensor);
        return (DataType)tensor.DataType switch
        {
            DataType.Float => tensor.FloatData.Count > 0
                ? Exactly([.. tensor.FloatData], count, tensor)
                : Raw(tensor, count, 4, b => BinaryPrimitives.ReadSingleLittleEndian(b)),
            DataType.Double => tensor.DoubleData.Count > 0
                ? Exactly([.. tensor.DoubleData.Select(d => (float)d)], count, tensor)
                : Raw(tensor, count, 8, b => (float)BinaryPrimitives.ReadDoubleLittleEndian(b)),
            DataType.Float16 => tensor.Int32Data.Count > 0
                ? Exactly([.. tensor.Int32Data.Select(i => (float)BitConverter.UInt16BitsToHalf((ushort)i))], count, tensor)
                : Raw(tensor, count, 2, b => (float)BinaryPrimitives.ReadHalfLittleEndian(b)),
            DataType.Bfloat16 => tensor.Int32Data.Count > 0
                ? Exactly([.. tensor.Int32Data.Select(i => BitConverter.UInt32BitsToSingle((uint)(ushort)i << 16))], count, tensor)
                : Raw(tensor, count, 2, b => BitConverter.UInt32BitsToSingle((uint)BinaryPrimitives.ReadUInt16LittleEndian(b) << 16)),
            var other => throw Broken(tensor, $"holds {other}, where floating-point numbers are needed"),
        };
    }

    /// <summary>The elements of an int64, int32 or bool tensor as int64, in row-major order.</summary>
    /// <exception cref="OnnxTransferException">
    /// <see cref="FailureKind.Model"/>: another element type, or data that does not match the dimensions.
    /// </exception>
    public static long[] Longs(TensorProto tensor)
    {
        var count = Count(tensor);
        return (DataType)tensor.DataType switch
        {
            DataType.Int64 => tensor.Int64Data.Count > 0
                ? Exactly([.. tensor.Int64Data], count, tensor)
                : Raw(tensor, count, 8, b => BinaryPrimitives.ReadInt64LittleEndian(b)),
            DataType.Int32 => tensor.Int32Data.Count > 0
                ? Exactly([.. tensor.Int32Data.Select(i => (long)i)], count, tensor)
                : Raw(tensor, count, 4, b => (long)BinaryPrimitives.ReadInt32LittleEndian(b)),
            DataType.Bool => tensor.Int32Data.Count > 0
                ? Exactly([.. tensor.Int32Data.Select(i => (long)i)], count, tensor)
                : Raw(tensor, count, 1, b => (long)b[0]),
            var other => throw Broken(tensor, $"holds {other}, where whole numbers are needed"),
        };
    }

    /// <summary>Whether the elements are floating-point numbers of any width.</summary>
    public static bool IsFloating(TensorProto tensor) =>
        (DataType)tensor.DataType is DataType.Float or DataType.Double or DataType.Float16 or DataType.Bfloat16;

    /// <summary>A float32 tensor.</summary>
    public static TensorProto Of(string name, ReadOnlySpan<float> values, params long[] dims)
    {
        var bytes = new byte[values.Length * sizeof(float)];
        MemoryMarshal.AsBytes(values).CopyTo(bytes);
        return Make(name, DataType.Float, bytes, dims);
    }

    /// <summary>An int64 tensor.</summary>
    public static TensorProto Of(string name, ReadOnlySpan<long> values, params long[] dims)
    {
        var bytes = new byte[values.Length * sizeof(long)];
        MemoryMarshal.AsBytes(values).CopyTo(bytes);
        return Make(name, DataType.Int64, bytes, dims);
    }

    private static TensorProto Make(string name, DataType type, byte[] bytes, long[] dims) => new()
    {
        Name = name,
        DataType = (int)type,
        Dims = { dims },
        RawData = UnsafeByteOperations.UnsafeWrap(bytes),
    };

    private static T[] Exactly<T>(T[] values, int count, TensorProto tensor) =>
        values.Length == count ? values : throw Broken(tensor, $"has {values.Length} of its {count} values");

    private static T[] Raw<T>(TensorProto tensor, int count, int size, Func<ReadOnlySpan<byte>, T> read)
    {
        var bytes = tensor.RawData.Span;
        if (bytes.Length != (long)count * size)
        {
            throw Broken(tensor, $"has {bytes.Length} bytes where its dimensions need {(long)count * size}");
        }

        var values = new T[count];
        for (var i = 0; i < count; i++)
        {
            values[i] = read(bytes.Slice(i * size, size));
        }

        return values;
    }

    private static OnnxTransferException Broken(TensorProto tensor, string what) =>
        new(FailureKind.Model, $"The tensor '{tensor.Name}' {what}: the model is damaged or made for another purpose.");
}
