using System.Buffers.Binary;
using System.Runtime.InteropServices;
using Google.Protobuf;
using OnnxTransfer.Onnx.Protos;
using static OnnxTransfer.Onnx.Protos.TensorProto.Types;

namespace OnnxTransfer.Onnx;

/// <summary>
/// The numbers in a TensorProto, however they are stored (raw bytes, or the field of their type). Every function first
/// checks that the declared extents agree with the data that is there, so nothing is allocated that the file does not hold.
/// </summary>
public static class TensorData
{
    /// <summary>The number of elements that the extents declare.</summary>
    /// <exception cref="OnnxTransferException">Model: a negative extent, or a product that does not fit.</exception>
    public static long Elements(TensorProto tensor)
    {
        ArgumentNullException.ThrowIfNull(tensor);
        long product = 1;
        var empty = false;
        foreach (var dim in tensor.Dims)
        {
            if (dim < 0 || (dim > 0 && product > long.MaxValue / dim))
            {
                throw Bad(tensor, $"has impossible extents [{string.Join(", ", tensor.Dims)}]");
            }

            empty |= dim == 0;
            product *= Math.Max(dim, 1);
        }

        return empty ? 0 : product;
    }

    /// <summary>The number of elements that the extents declare, as an array's length.</summary>
    /// <exception cref="OnnxTransferException">Model: as for <see cref="Elements"/>, or more than an array can hold.</exception>
    public static int Count(TensorProto tensor)
    {
        var count = Elements(tensor);
        return count <= Array.MaxLength ? (int)count : throw Bad(tensor, $"is too large with {count} elements");
    }

    /// <summary>Whether the elements are floating-point numbers that <see cref="Floats"/> reads.</summary>
    public static bool IsFloating(TensorProto tensor) =>
        Type(tensor) is DataType.Float or DataType.Double or DataType.Float16 or DataType.Bfloat16;

    /// <summary>The element type; UNDEFINED for numbers that this version of the format does not name.</summary>
    public static DataType Type(TensorProto tensor)
    {
        ArgumentNullException.ThrowIfNull(tensor);
        return (DataType)tensor.DataType;
    }

    /// <summary>The bits of one element, or 0 for strings and unknown types.</summary>
    public static int Bits(DataType type) => (int)type switch
    {
        (int)DataType.Float or (int)DataType.Int32 or (int)DataType.Uint32 => 32,
        (int)DataType.Int64 or (int)DataType.Uint64 or (int)DataType.Double or (int)DataType.Complex64 => 64,
        (int)DataType.Float16 or (int)DataType.Bfloat16 or (int)DataType.Int16 or (int)DataType.Uint16 => 16,
        (int)DataType.Int8 or (int)DataType.Uint8 or (int)DataType.Bool => 8,
        (int)DataType.Complex128 => 128,
        >= 17 and <= 20 or 24 => 8, // the float8 family
        >= 21 and <= 23 => 4, // uint4, int4, float4
        _ => 0,
    };

    /// <summary>Checks that the data are as long as the extents and the type say.</summary>
    /// <exception cref="OnnxTransferException">Model: they are not, or the data are still in an external file.</exception>
    public static void Check(TensorProto tensor)
    {
        var count = Elements(tensor);
        var type = Type(tensor);
        var bits = Bits(type);
        if (tensor.DataLocation == DataLocation.External)
        {
            throw Bad(tensor, "keeps its data in another file, which was not read with the model");
        }

        if (type == DataType.String)
        {
            Expect(tensor, count, tensor.StringData.Count, "strings");
        }
        else if (bits == 0)
        {
            throw Bad(tensor, $"has the unknown element type {tensor.DataType}");
        }
        else if (tensor.HasRawData)
        {
            var bytes = count > long.MaxValue / 128 ? long.MaxValue : ((count * bits) + 7) / 8;
            Expect(tensor, bytes, tensor.RawData.Length, "bytes");
        }
        else
        {
            var (perElement, stored) = Typed(tensor, type);
            var values = perElement > 0 ? (count > long.MaxValue / 2 ? long.MaxValue : count * perElement) : (count / 2) + (count % 2);
            Expect(tensor, values, stored, "values");
        }
    }

    /// <summary>
    /// The elements as float32, in row-major order: exact for float16, bfloat16 and float32, rounded for float64.
    /// </summary>
    /// <exception cref="OnnxTransferException">Model: another element type, or data that disagree with the extents.</exception>
    public static float[] Floats(TensorProto tensor)
    {
        Check(tensor);
        var raw = tensor.HasRawData ? tensor.RawData.Span : default;
        var values = new float[Count(tensor)];
        switch (Type(tensor))
        {
            case DataType.Float when tensor.HasRawData:
                MemoryMarshal.Cast<byte, float>(raw).CopyTo(values);
                break;
            case DataType.Float:
                tensor.FloatData.CopyTo(values, 0);
                break;
            case DataType.Double:
                for (var i = 0; i < values.Length; i++)
                {
                    values[i] = (float)(tensor.HasRawData
                        ? BinaryPrimitives.ReadDoubleLittleEndian(raw[(i * 8)..])
                        : tensor.DoubleData[i]);
                }

                break;
            case DataType.Float16 or DataType.Bfloat16:
                var brain = Type(tensor) == DataType.Bfloat16;
                for (var i = 0; i < values.Length; i++)
                {
                    var bits = tensor.HasRawData
                        ? BinaryPrimitives.ReadUInt16LittleEndian(raw[(i * 2)..])
                        : unchecked((ushort)tensor.Int32Data[i]);
                    values[i] = brain
                        ? BitConverter.UInt32BitsToSingle((uint)bits << 16)
                        : (float)BitConverter.UInt16BitsToHalf(bits);
                }

                break;
            default:
                throw Bad(tensor, $"holds {Name(tensor)} where floating-point numbers are needed");
        }

        return values;
    }

    /// <summary>The elements as 64-bit integers, in row-major order; for all integer types and bool.</summary>
    /// <exception cref="OnnxTransferException">
    /// Model: another element type, a number that does not fit, or data that disagree with the extents.
    /// </exception>
    public static long[] Longs(TensorProto tensor)
    {
        Check(tensor);
        var values = new long[Count(tensor)];
        var type = Type(tensor);
        if (type is not (DataType.Int64 or DataType.Int32 or DataType.Int16 or DataType.Int8 or DataType.Bool
            or DataType.Uint8 or DataType.Uint16 or DataType.Uint32 or DataType.Uint64))
        {
            throw Bad(tensor, $"holds {Name(tensor)} where whole numbers are needed");
        }

        if (tensor.HasRawData)
        {
            var raw = tensor.RawData.Span;
            var size = Bits(type) / 8;
            for (var i = 0; i < values.Length; i++)
            {
                values[i] = Whole(tensor, type, raw.Slice(i * size, size));
            }

            return values;
        }

        for (var i = 0; i < values.Length; i++)
        {
            values[i] = type switch
            {
                DataType.Int64 => tensor.Int64Data[i],
                DataType.Uint32 or DataType.Uint64 => Fits(tensor, tensor.Uint64Data[i]),
                _ => tensor.Int32Data[i],
            };
        }

        return values;
    }

    /// <summary>The elements as little-endian bytes, as raw_data stores them; the stored bytes themselves where they are raw.</summary>
    /// <exception cref="OnnxTransferException">Model: strings or an unknown type, or data that disagree with the extents.</exception>
    public static ReadOnlyMemory<byte> Bytes(TensorProto tensor)
    {
        Check(tensor);
        if (tensor.HasRawData)
        {
            return tensor.RawData.Memory;
        }

        var type = Type(tensor);
        switch (type)
        {
            case DataType.Float or DataType.Complex64:
                return MemoryMarshal.AsBytes(tensor.FloatData.ToArray().AsSpan()).ToArray();
            case DataType.Double or DataType.Complex128:
                return MemoryMarshal.AsBytes(tensor.DoubleData.ToArray().AsSpan()).ToArray();
            case DataType.Int64:
                return MemoryMarshal.AsBytes(tensor.Int64Data.ToArray().AsSpan()).ToArray();
            case DataType.Uint64:
                return MemoryMarshal.AsBytes(tensor.Uint64Data.ToArray().AsSpan()).ToArray();
            case DataType.Uint32:
                return MemoryMarshal.AsBytes(tensor.Uint64Data.Select(v => unchecked((uint)v)).ToArray().AsSpan()).ToArray();
            case DataType.String:
                throw Bad(tensor, "holds strings where numbers are needed");
            default:
                var int32 = tensor.Int32Data;
                return Bits(type) switch
                {
                    32 => MemoryMarshal.AsBytes(int32.ToArray().AsSpan()).ToArray(),
                    16 => MemoryMarshal.AsBytes(int32.Select(v => unchecked((ushort)v)).ToArray().AsSpan()).ToArray(),
                    _ => int32.Select(v => unchecked((byte)v)).ToArray(),
                };
        }
    }

    /// <summary>A float32 tensor of <paramref name="values"/>, row-major, stored as raw bytes.</summary>
    /// <exception cref="ArgumentException">The extents do not multiply to the number of values.</exception>
    public static TensorProto Of(string name, ReadOnlySpan<float> values, params long[] dims) =>
        Raw(name, DataType.Float, MemoryMarshal.AsBytes(values).ToArray(), values.Length, dims);

    /// <summary>An int64 tensor of <paramref name="values"/>, row-major, stored as raw bytes.</summary>
    /// <exception cref="ArgumentException">The extents do not multiply to the number of values.</exception>
    public static TensorProto Of(string name, ReadOnlySpan<long> values, params long[] dims) =>
        Raw(name, DataType.Int64, MemoryMarshal.AsBytes(values).ToArray(), values.Length, dims);

    private static TensorProto Raw(string name, DataType type, byte[] bytes, int count, long[] dims)
    {
        ArgumentNullException.ThrowIfNull(dims);
        var tensor = new TensorProto { Name = name, DataType = (int)type, RawData = UnsafeByteOperations.UnsafeWrap(bytes) };
        tensor.Dims.AddRange(dims);
        return Elements(tensor) == count
            ? tensor
            : throw new ArgumentException($"{count} values do not fill [{string.Join(", ", dims)}].", nameof(dims));
    }

    // How many stored values make an element (0: two elements share one, the 4-bit types), and how many values there are.
    private static (int PerElement, int Stored) Typed(TensorProto tensor, DataType type) => type switch
    {
        DataType.Float => (1, tensor.FloatData.Count),
        DataType.Complex64 => (2, tensor.FloatData.Count),
        DataType.Double => (1, tensor.DoubleData.Count),
        DataType.Complex128 => (2, tensor.DoubleData.Count),
        DataType.Int64 => (1, tensor.Int64Data.Count),
        DataType.Uint32 or DataType.Uint64 => (1, tensor.Uint64Data.Count),
        _ => (Bits(type) == 4 ? 0 : 1, tensor.Int32Data.Count),
    };

    private static long Whole(TensorProto tensor, DataType type, ReadOnlySpan<byte> bytes) => type switch
    {
        DataType.Int64 => BinaryPrimitives.ReadInt64LittleEndian(bytes),
        DataType.Int32 => BinaryPrimitives.ReadInt32LittleEndian(bytes),
        DataType.Int16 => BinaryPrimitives.ReadInt16LittleEndian(bytes),
        DataType.Uint16 => BinaryPrimitives.ReadUInt16LittleEndian(bytes),
        DataType.Uint32 => BinaryPrimitives.ReadUInt32LittleEndian(bytes),
        DataType.Uint64 => Fits(tensor, BinaryPrimitives.ReadUInt64LittleEndian(bytes)),
        DataType.Int8 => unchecked((sbyte)bytes[0]),
        _ => bytes[0],
    };

    private static long Fits(TensorProto tensor, ulong value) =>
        value <= long.MaxValue ? (long)value : throw Bad(tensor, $"holds {value}, more than 64-bit integers can");

    private static void Expect(TensorProto tensor, long wanted, long found, string what)
    {
        if (wanted != found)
        {
            throw Bad(tensor, $"declares the extents [{string.Join(", ", tensor.Dims)}] of {Name(tensor)}, {wanted} {what}, but holds {found}");
        }
    }

    private static string Name(TensorProto tensor) =>
        Enum.IsDefined(Type(tensor)) ? Type(tensor).ToString().ToLowerInvariant() : $"element type {tensor.DataType}";

    private static OnnxTransferException Bad(TensorProto tensor, string what) => new(
        FailureKind.Model,
        $"The model's tensor '{tensor.Name}' {what}; the file is damaged or not supported, export it again.");
}
