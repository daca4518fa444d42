using System.Buffers.Binary;
using System.Text;

namespace OnnxTransfer.Engine;

/// <summary>
/// A table of a FlatBuffer, in which Arrow writes its metadata and ONNX Runtime Training its checkpoints. Their packages read
/// such tables without checking bounds, so that a damaged file could bring the process down; here every access is to a slice,
/// and damage is an exception.
/// </summary>
internal readonly ref struct FlatTable
{
    private readonly ReadOnlySpan<byte> buffer;
    private readonly int position;

    private FlatTable(ReadOnlySpan<byte> buffer, int position)
    {
        this.buffer = buffer;
        this.position = position;
    }

    /// <summary>The root table of a buffer.</summary>
    public static FlatTable Root(ReadOnlySpan<byte> buffer) => new(buffer, BinaryPrimitives.ReadInt32LittleEndian(buffer));

    /// <summary>A byte, 0 where it is absent.</summary>
    public byte Byte(int field) => Place(field) is > 0 and var place ? buffer[place] : (byte)0;

    /// <summary>A 16-bit number, 0 where it is absent.</summary>
    public short Int16(int field) => Place(field) is > 0 and var place ? BinaryPrimitives.ReadInt16LittleEndian(buffer[place..]) : (short)0;

    /// <summary>A 32-bit number, 0 where it is absent.</summary>
    public int Int32(int field) => Place(field) is > 0 and var place ? ReadInt32(place) : 0;

    /// <summary>A 64-bit number, 0 where it is absent.</summary>
    public long Int64(int field) => Place(field) is > 0 and var place ? BinaryPrimitives.ReadInt64LittleEndian(buffer[place..]) : 0;

    /// <summary>A 32-bit floating-point number, 0 where it is absent.</summary>
    public float Single(int field) => BitConverter.Int32BitsToSingle(Int32(field));

    /// <summary>Whether a field is there.</summary>
    public bool Has(int field) => Place(field) > 0;

    /// <summary>A table that a field points to.</summary>
    public FlatTable Table(int field) => new(buffer, Target(field));

    /// <summary>A text, empty where it is absent.</summary>
    public string Text(int field)
    {
        if (!Has(field))
        {
            return string.Empty;
        }

        var start = Target(field);
        return Encoding.UTF8.GetString(buffer.Slice(start + sizeof(int), ReadInt32(start)));
    }

    /// <summary>The number of elements of a vector, 0 where it is absent.</summary>
    public int Count(int field) => Has(field) ? ReadInt32(Target(field)) : 0;

    /// <summary>The elements of a vector of bytes, empty where it is absent.</summary>
    public ReadOnlySpan<byte> Bytes(int field) => Vector(field, sizeof(byte));

    /// <summary>The elements of a vector of 64-bit numbers, empty where it is absent.</summary>
    public long[] Int64s(int field)
    {
        var bytes = Vector(field, sizeof(long));
        var numbers = new long[bytes.Length / sizeof(long)];
        for (var i = 0; i < numbers.Length; i++)
        {
            numbers[i] = BinaryPrimitives.ReadInt64LittleEndian(bytes[(i * sizeof(long))..]);
        }

        return numbers;
    }

    /// <summary>An element of a vector of tables.</summary>
    public FlatTable Element(int field, int index)
    {
        var place = Target(field) + sizeof(int) + (sizeof(int) * index);
        return new FlatTable(buffer, checked(place + ReadInt32(place)));
    }

    /// <summary>The two 64-bit numbers of an element of a vector of such pairs.</summary>
    public (long First, long Second) Pair(int field, int index)
    {
        var pair = buffer.Slice(checked(Target(field) + sizeof(int) + (2 * sizeof(long) * index)), 2 * sizeof(long));
        return (BinaryPrimitives.ReadInt64LittleEndian(pair), BinaryPrimitives.ReadInt64LittleEndian(pair[sizeof(long)..]));
    }

    private ReadOnlySpan<byte> Vector(int field, int size) =>
        Has(field) ? buffer.Slice(Target(field) + sizeof(int), checked(ReadInt32(Target(field)) * size)) : [];

    // A table begins with the distance back to its vtable: its length, the table's length, then a place for each field.
    private int Place(int field)
    {
        var vtable = checked(position - ReadInt32(position));
        var slot = 4 + (2 * field);
        var offset = slot < BinaryPrimitives.ReadUInt16LittleEndian(buffer[vtable..])
            ? BinaryPrimitives.ReadUInt16LittleEndian(buffer[(vtable + slot)..])
            : 0;
        return offset == 0 ? 0 : position + offset;
    }

    private int Target(int field)
    {
        var place = Place(field);
        return checked(place + ReadInt32(place));
    }

    private int ReadInt32(int place) => BinaryPrimitives.ReadInt32LittleEndian(buffer[place..]);
}
