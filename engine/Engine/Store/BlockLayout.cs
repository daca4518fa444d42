using System.Buffers.Binary;

namespace OnnxTransfer.Engine;

/// <summary>
/// Where the buffers of a block lie in its Arrow file: the messages of the file are read and every number in them is
/// checked, so that a stranger's file cannot lead outside of it.
/// </summary>
/// <param name="Rows">Rows of the record batch.</param>
/// <param name="Buffers">
/// Places in the file: validity, offsets and bytes of id; the same of label and of split; validity and bytes of content;
/// then for each column of codes its validity, that of its items, and the items.
/// </param>
internal sealed record BlockLayout(int Rows, IReadOnlyList<(int Start, int Length)> Buffers)
{
    /// <summary>Where the buffers of a column begin.</summary>
    public const int Id = 0;

    /// <inheritdoc cref="Id"/>
    public const int Label = 3;

    /// <inheritdoc cref="Id"/>
    public const int Split = 6;

    /// <summary>The bytes of the contents.</summary>
    public const int Content = 10;

    private const int OtherBuffers = 11;
    private const int OtherColumns = 4;

    // Numbers of the format's enumerations (Schema.fbs and Message.fbs of Apache Arrow).
    private const byte SchemaMessage = 1;
    private const byte BatchMessage = 3;
    private const byte FloatingPoint = 3;
    private const byte Utf8 = 5;
    private const byte FixedSizeBinary = 15;
    private const byte FixedSizeList = 16;
    private const short SinglePrecision = 1;

    /// <summary>The items of a column of codes.</summary>
    public static int Code(int column) => OtherBuffers + (3 * column) + 2;

    private static ReadOnlySpan<byte> Magic => "ARROW1\0\0"u8;

    /// <summary>Reads the layout of a block with these columns.</summary>
    /// <exception cref="InvalidDataException">It is none.</exception>
    public static BlockLayout Read(ReadOnlySpan<byte> file, StoreHeader header)
    {
        try
        {
            return ReadMessages(file, header);
        }
        catch (Exception e) when (e is ArgumentException or IndexOutOfRangeException or OverflowException)
        {
            throw new InvalidDataException("Its metadata lead outside of the file", e);
        }
    }

    private static BlockLayout ReadMessages(ReadOnlySpan<byte> file, StoreHeader header)
    {
        Require(file.StartsWith(Magic), "It does not begin as an Arrow file does");
        var (start, length) = Message(file, Magic.Length);
        var schema = FlatTable.Root(file.Slice(start, length));
        Require(schema.Byte(1) == SchemaMessage, "It has no schema");
        CheckSchema(schema.Table(2), header);

        (start, length) = Message(file, start + length);
        var message = FlatTable.Root(file.Slice(start, length));
        Require(message.Byte(1) == BatchMessage, "It has no rows");
        var batch = message.Table(2);
        Require(!batch.Has(3), "It is compressed");
        var rows = checked((int)batch.Int64(0));
        Require(rows >= 0 && batch.Count(2) == OtherBuffers + (3 * header.Columns.Count), "It has other buffers than its columns need");
        var body = file.Slice(start + length, checked((int)message.Int64(3))).Length;
        var buffers = new (int Start, int Length)[batch.Count(2)];
        for (var i = 0; i < buffers.Length; i++)
        {
            var (offset, size) = batch.Pair(2, i);
            Require(offset >= 0 && size >= 0 && offset <= body && size <= body - offset, "A buffer leads outside of the file");
            buffers[i] = (start + length + (int)offset, (int)size);
        }

        CheckSizes(rows, buffers, header);
        return new BlockLayout(rows, buffers);
    }

    // A message: 0xFFFFFFFF, the length of its metadata, the metadata; its body follows.
    private static (int Start, int Length) Message(ReadOnlySpan<byte> file, int at)
    {
        Require(BinaryPrimitives.ReadInt32LittleEndian(file[at..]) == -1, "A message does not begin where it should");
        var length = BinaryPrimitives.ReadInt32LittleEndian(file[(at + 4)..]);
        Require(length > 0 && length <= file.Length - at - 8, "A message is longer than the file");
        return (at + 8, length);
    }

    private static void CheckSchema(FlatTable schema, StoreHeader header)
    {
        var key = string.Empty;
        for (var i = 0; i < schema.Count(2); i++)
        {
            var entry = schema.Element(2, i);
            key = entry.Text(0) == BlockWriter.KeyEntry ? entry.Text(1) : key;
        }

        Require(key == header.Key, "It belongs to another store");
        Require(schema.Count(1) == OtherColumns + header.Columns.Count, "It has other columns than the store");
        CheckField(schema.Element(1, 0), "id", Utf8);
        CheckField(schema.Element(1, 1), "label", Utf8);
        CheckField(schema.Element(1, 2), "split", Utf8);
        CheckField(schema.Element(1, 3), "content", FixedSizeBinary);
        Require(schema.Element(1, 3).Table(3).Int32(0) == ContentHash.Size, "Its contents are no SHA-256");
        for (var i = 0; i < header.Columns.Count; i++)
        {
            var field = schema.Element(1, OtherColumns + i);
            CheckField(field, header.Columns[i].Key, FixedSizeList);
            Require(field.Table(3).Int32(0) == header.Columns[i].Width && field.Count(5) == 1, $"{header.Columns[i].Key} has another width");
            var item = field.Element(5, 0);
            Require(item.Byte(2) == FloatingPoint && item.Table(3).Int16(0) == SinglePrecision, $"{header.Columns[i].Key} is not float32");
        }
    }

    private static void CheckField(FlatTable field, string name, byte type) =>
        Require(field.Text(0) == name && field.Byte(2) == type, $"Its column {name} is missing or of another type");

    private static void CheckSizes(int rows, (int Start, int Length)[] buffers, StoreHeader header)
    {
        var offsets = (rows + 1L) * sizeof(int);
        foreach (var text in (int[])[Id, Label, Split])
        {
            Require(buffers[text].Length == 0 || buffers[text].Length >= (rows + 7L) / 8, "It is too short for its ids, labels and splits");
            Require(rows == 0 || buffers[text + 1].Length >= offsets, "It is too short for its ids, labels and splits");
        }

        Require(buffers[Content].Length >= (long)rows * ContentHash.Size, "It is too short for its contents");
        for (var i = 0; i < header.Columns.Count; i++)
        {
            Require(buffers[Code(i)].Length >= (long)rows * header.Columns[i].Width * sizeof(float), $"It is too short for {header.Columns[i].Key}");
        }
    }

    private static void Require(bool holds, string otherwise)
    {
        if (!holds)
        {
            throw new InvalidDataException(otherwise);
        }
    }
}
