using System.Buffers.Binary;

namespace OnnxTransfer.Heads;

/// <content>Labels: a number for each image, or a matrix of which labels are true.</content>
public static partial class Npy
{
    /// <summary>Reads a vector of integers of any width, signed or not.</summary>
    public static int[] ReadLabels(string path) => Read(path, static (stream, header, path) =>
    {
        if (header.Shape is not [_])
        {
            throw Bad(path, $"it has {header.Shape.Length} axes, and labels have one");
        }

        RequireIntegers(header, path, "labels are little-endian integers");
        var (count, at) = (CheckedCount(stream, header, path), 0);
        var labels = new int[count];
        ReadItems(stream, count, header.ItemBytes, bytes =>
        {
            var value = Integer(bytes, header.Type[1]);
            labels[at++] = value >= int.MinValue && value <= int.MaxValue
                ? (int)value
                : throw Bad(path, $"label {at - 1} (counted from 0) is {value}, too large for an index");
        });
        return labels;
    });

    /// <summary>Reads an N x K matrix of 0 and 1, bool or integers of any width.</summary>
    /// <returns>For each of the N rows the columns that hold 1, ascending; and K.</returns>
    public static (int[][] Sets, int Labels) ReadLabelSets(string path) => Read(path, static (stream, header, path) =>
    {
        if (header.Shape is not [_, var columns])
        {
            throw Bad(path, $"it has {header.Shape.Length} axes, and a matrix of labels has two (images, labels)");
        }

        if (header.Type != "|b1")
        {
            RequireIntegers(header, path, "a matrix of labels holds bool or little-endian integers");
        }

        if (columns == 0)
        {
            throw Bad(path, "it has no column, and a matrix of labels has one for each label");
        }

        var (count, at) = (CheckedCount(stream, header, path), 0L);
        var (sets, labels) = (new int[count / (int)columns][], (int)columns);
        var set = new List<int>();
        ReadItems(stream, count, header.ItemBytes, bytes =>
        {
            var (row, column) = ((int)(at / labels), (int)(at % labels));
            var value = Integer(bytes, header.Type[1]);
            if (value == 1)
            {
                set.Add(column);
            }
            else if (value != 0)
            {
                throw Bad(path, $"column {column} of row {row} (counted from 0) is {value}, and a matrix of labels holds 0 and 1");
            }

            if (column == labels - 1)
            {
                sets[row] = [.. set];
                set.Clear();
            }

            at++;
        });
        return (sets, labels);
    });

    private static void RequireIntegers(NpyHeader header, string path, string wanted)
    {
        if (header.Type is not ("|i1" or "|u1" or "<i2" or "<u2" or "<i4" or "<u4" or "<i8" or "<u8"))
        {
            throw Bad(path, $"its numbers are of type {header.Type}, and {wanted}");
        }
    }

    /// <summary>One integer, signed where the type is <c>i</c>.</summary>
    private static Int128 Integer(ReadOnlySpan<byte> bytes, char type) => (bytes.Length, type == 'i') switch
    {
        (1, true) => (sbyte)bytes[0],
        (1, false) => bytes[0],
        (2, true) => BinaryPrimitives.ReadInt16LittleEndian(bytes),
        (2, false) => BinaryPrimitives.ReadUInt16LittleEndian(bytes),
        (4, true) => BinaryPrimitives.ReadInt32LittleEndian(bytes),
        (4, false) => BinaryPrimitives.ReadUInt32LittleEndian(bytes),
        (_, true) => BinaryPrimitives.ReadInt64LittleEndian(bytes),
        (_, false) => BinaryPrimitives.ReadUInt64LittleEndian(bytes),
    };
}
