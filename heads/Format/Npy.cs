using System.Buffers.Binary;
using System.Globalization;
using System.Runtime.InteropServices;

namespace OnnxTransfer.Heads;

/// <summary>NumPy's .npy files: little-endian, row by row, versions 1.0 to 3.0.</summary>
/// <remarks>
/// Every reader throws <see cref="OnnxTransferException"/> of kind <see cref="FailureKind.Data"/> for a file that is not
/// such an array (or is shorter or longer than its header says), and of kind <see cref="FailureKind.Machine"/> for one
/// that cannot be read. Nothing is allocated before the file's length has been held against its header.
/// </remarks>
public static partial class Npy
{
    private const int BlockBytes = 1 << 20;

    /// <summary>Reads an N x D array of float32, or of float64 rounded to float32.</summary>
    public static CodeMatrix ReadCodes(string path) =>
        Read(path, static (stream, header, path) => ReadCodes(stream, header, CheckedCodes(stream, header, path), path));

    /// <summary>
    /// Maps an N x D array of float32 without reading it, once the file's length has been held against its header. One of
    /// float64 is read, as <see cref="ReadCodes(string)"/> does.
    /// </summary>
    public static MappedCodes MapCodes(string path) => Read(path, static (stream, header, path) =>
    {
        var count = CheckedCodes(stream, header, path);
        if (header.ItemBytes != sizeof(float))
        {
            return new MappedCodes(ReadCodes(stream, header, count, path));
        }

        if (count == 0)
        {
            throw Bad(path, "it holds no codes");
        }

        return stream.Position % sizeof(float) == 0
            ? new MappedCodes(new MappedNumbers(stream, count), (int)header.Shape[0], (int)header.Shape[1])
            : throw Bad(path, $"its numbers begin at byte {stream.Position}, which is no multiple of {sizeof(float)}");
    });

    /// <summary>Reads a vector of float32 or float64.</summary>
    public static double[] ReadNumbers(string path) => Read(path, static (stream, header, path) =>
    {
        if (header.Shape is not [_])
        {
            throw Bad(path, $"it has {header.Shape.Length} axes, and a number for each image has one");
        }

        if (header.Type is not ("<f4" or "<f8"))
        {
            throw Bad(path, $"its numbers are of type {header.Type}, and little-endian float32 or float64 (<f4, <f8) are wanted");
        }

        var (count, at) = (CheckedCount(stream, header, path), 0);
        var numbers = new double[count];
        ReadItems(stream, count, header.ItemBytes, bytes => numbers[at++] = bytes.Length == sizeof(float)
            ? BinaryPrimitives.ReadSingleLittleEndian(bytes)
            : BinaryPrimitives.ReadDoubleLittleEndian(bytes));
        return numbers;
    });

    /// <summary>The length of every axis, as the header says.</summary>
    public static IReadOnlyList<long> ReadShape(string path) => Read(path, static (_, header, _) => header.Shape);

    /// <summary>Writes a float32 matrix, whole or not at all.</summary>
    /// <exception cref="OnnxTransferException"><see cref="FailureKind.Machine"/>: the file cannot be written.</exception>
    public static void Write(string path, CodeMatrix codes)
    {
        ArgumentNullException.ThrowIfNull(codes);
        WholeFile.Write(path, stream =>
        {
            stream.Write(new NpyHeader("<f4", false, [codes.Rows, codes.Columns]).ToBytes());
            for (var row = 0; row < codes.Rows; row++)
            {
                stream.Write(MemoryMarshal.AsBytes(codes.Row(row)));
            }
        });
    }

    /// <summary>Writes a float64 matrix, whole or not at all.</summary>
    /// <exception cref="ArgumentException">There are not rows x columns values.</exception>
    /// <exception cref="OnnxTransferException"><see cref="FailureKind.Machine"/>: the file cannot be written.</exception>
    public static void Write(string path, ReadOnlyMemory<double> values, int rows, int columns)
    {
        if (values.Length != (long)rows * columns)
        {
            throw new ArgumentException($"{rows} x {columns} is not {values.Length}.", nameof(values));
        }

        WholeFile.Write(path, stream =>
        {
            stream.Write(new NpyHeader("<f8", false, [rows, columns]).ToBytes());
            for (var row = 0; row < rows; row++)
            {
                stream.Write(MemoryMarshal.AsBytes(values.Span.Slice(row * columns, columns)));
            }
        });
    }

    /// <summary>Writes a vector of int64, whole or not at all.</summary>
    /// <exception cref="OnnxTransferException"><see cref="FailureKind.Machine"/>: the file cannot be written.</exception>
    public static void Write(string path, IReadOnlyList<int> values)
    {
        ArgumentNullException.ThrowIfNull(values);
        WholeFile.Write(path, stream =>
        {
            stream.Write(new NpyHeader("<i8", false, [values.Count]).ToBytes());
            Span<byte> bytes = stackalloc byte[sizeof(long)];
            foreach (var value in values)
            {
                BinaryPrimitives.WriteInt64LittleEndian(bytes, value);
                stream.Write(bytes);
            }
        });
    }

    /// <summary>The sentence for a file that is not what it should be.</summary>
    internal static OnnxTransferException Bad(string path, string reason) =>
        new(FailureKind.Data, $"Cannot read {path}: {reason}; write it again with numpy.save.");

    private static T Read<T>(string path, Func<FileStream, NpyHeader, string, T> content)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        try
        {
            if (RegularFile.Length(path) == 0)
            {
                throw Bad(path, "it does not begin like a .npy file, as it is empty, or a pipe or a device");
            }

            using var stream = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.Read, 1 << 16);
            return content(stream, NpyHeader.Read(stream, path), path);
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException)
        {
            throw new OnnxTransferException(FailureKind.Data, $"There is no file {path}; check the name.", e);
        }
        catch (EndOfStreamException e)
        {
            throw new OnnxTransferException(FailureKind.Data, $"Cannot read {path}: it became shorter meanwhile; read it again.", e);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new OnnxTransferException(
                FailureKind.Machine, $"Cannot read {path}: {e.Message.TrimEnd('.')}; check its permissions and its disk.", e);
        }
    }

    /// <summary>The number of numbers of an array of codes, once its header and its length are as they must be.</summary>
    private static int CheckedCodes(Stream stream, NpyHeader header, string path)
    {
        if (header.Shape is not [_, var columns])
        {
            throw Bad(path, $"it has {header.Shape.Length} axes, and codes have two (images, numbers of a code)");
        }

        if (header.Type is not ("<f4" or "<f8"))
        {
            throw Bad(path, $"its numbers are of type {header.Type}, and codes are little-endian float32 or float64 (<f4, <f8)");
        }

        return columns > 0 ? CheckedCount(stream, header, path) : throw Bad(path, "its codes have no numbers");
    }

    private static CodeMatrix ReadCodes(Stream stream, NpyHeader header, int count, string path)
    {
        var (rows, columns) = ((int)header.Shape[0], (int)header.Shape[1]);
        var values = new float[count];
        if (header.ItemBytes == 4)
        {
            // In pieces: the bytes of all may be more than one span can hold.
            for (var at = 0; at < count; at += Math.Min(BlockBytes, count - at))
            {
                stream.ReadExactly(MemoryMarshal.AsBytes(values.AsSpan(at, Math.Min(BlockBytes, count - at))));
            }
        }
        else
        {
            var at = 0;
            ReadItems(stream, count, sizeof(double), bytes =>
            {
                var value = BinaryPrimitives.ReadDoubleLittleEndian(bytes);
                values[at++] = (float)value;
                if (double.IsFinite(value) && !float.IsFinite((float)value))
                {
                    throw Bad(path, $"number {(at - 1) % columns} of code {(at - 1) / columns} (counted from 0) is {value.ToString(CultureInfo.InvariantCulture)}, too large for float32");
                }
            });
        }

        return new CodeMatrix(values, rows, columns);
    }

    /// <summary>The number of items, once order, limits and the file's length are as they must be.</summary>
    private static int CheckedCount(Stream stream, NpyHeader header, string path)
    {
        if (header.ColumnByColumn && header.Shape.Length > 1)
        {
            throw Bad(path, "it is stored column by column (Fortran order), and rows are wanted (numpy.ascontiguousarray)");
        }

        UInt128 count = 1;
        foreach (var axis in header.Shape)
        {
            count *= (ulong)axis;
            if (axis > int.MaxValue || count > (ulong)Array.MaxLength)
            {
                throw Bad(path, $"its shape is {string.Join(" x ", header.Shape)}, more than the {Array.MaxLength:N0} numbers that fit one matrix");
            }
        }

        var (expected, found) = ((long)count * header.ItemBytes, stream.Length - stream.Position);
        return found == expected
            ? (int)count
            : throw Bad(path, $"its header promises {expected:N0} bytes of numbers, and {found:N0} follow");
    }

    private static void ReadItems(Stream stream, int count, int itemBytes, ReadOnlySpanAction item)
    {
        var block = new byte[Math.Min(BlockBytes, (long)count * itemBytes)];
        for (var left = (long)count * itemBytes; left > 0;)
        {
            var part = block.AsSpan(0, (int)Math.Min(block.Length, left));
            stream.ReadExactly(part);
            for (var at = 0; at < part.Length; at += itemBytes)
            {
                item(part.Slice(at, itemBytes));
            }

            left -= part.Length;
        }
    }

    private delegate void ReadOnlySpanAction(ReadOnlySpan<byte> item);
}
