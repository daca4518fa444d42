using System.Buffers.Binary;
using System.IO.Compression;

namespace OnnxTransfer.Datasets;

/// <summary>
/// One IDX file of unsigned bytes in memory: two zero bytes, the type 8, the number of dimensions, the dimensions as
/// big-endian 32-bit integers, then the values, the last dimension fastest.
/// </summary>
internal sealed record IdxFile(int[] Dimensions, byte[] Values)
{
    /// <summary>Deflate never expands a byte to more than this many; a header that promises more is false.</summary>
    private const long LargestExpansion = 1032;

    private const byte UnsignedByte = 8;

    public static IdxFile Read(string path, int dimensions)
    {
        try
        {
            if (RegularFile.Length(path) == 0)
            {
                throw Wrong(path, "it is empty, or a pipe or a device");
            }

            using var file = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.Read, 1 << 16);
            Span<byte> start = stackalloc byte[2];
            var compressed = file.ReadAtLeast(start, 2, throwOnEndOfStream: false) == 2 && start[0] == 0x1f && start[1] == 0x8b;
            file.Position = 0;
            if (!compressed)
            {
                return Read(path, file, dimensions, file.Length, exact: true);
            }

            using var unpacked = new GZipStream(file, CompressionMode.Decompress);
            return Read(path, unpacked, dimensions, file.Length * LargestExpansion, exact: false);
        }
        catch (InvalidDataException e)
        {
            throw Wrong(path, $"its compression is broken ({e.Message.TrimEnd('.')})");
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw Unreadable.Because(path, e);
        }
    }

    /// <param name="path">The file, for messages.</param>
    /// <param name="stream">Its contents, unpacked.</param>
    /// <param name="dimensions">How many there must be.</param>
    /// <param name="available">How many bytes the stream has (<paramref name="exact"/>) or can have at most.</param>
    /// <param name="exact">Whether <paramref name="available"/> is the very length.</param>
    private static IdxFile Read(string path, Stream stream, int dimensions, long available, bool exact)
    {
        var header = new byte[4 + (4 * dimensions)];
        var read = stream.ReadAtLeast(header, header.Length, throwOnEndOfStream: false);
        if (read < 4 || header[0] != 0 || header[1] != 0)
        {
            throw Wrong(path, "it does not begin like an IDX file");
        }

        if (header[2] != UnsignedByte || header[3] != dimensions)
        {
            throw Wrong(
                path,
                $"it has {header[3]} dimensions of type {header[2]} instead of {dimensions} of type {UnsignedByte} (unsigned bytes)");
        }

        if (read < header.Length)
        {
            throw Wrong(path, "it ends in its header");
        }

        var sizes = new int[dimensions];
        var count = 1L;
        for (var i = 0; i < dimensions; i++)
        {
            var size = BinaryPrimitives.ReadUInt32BigEndian(header.AsSpan(4 + (4 * i)));
            if (size is 0 or > int.MaxValue || (count *= size) > Array.MaxLength)
            {
                throw Wrong(path, $"its header gives {size:N0} as size {i + 1}, which is none or more than 2 GB in all");
            }

            sizes[i] = (int)size;
        }

        if (exact ? count != available - header.Length : count > available)
        {
            throw Wrong(path, $"its header promises {count:N0} values, which the file is {(exact && count < available - header.Length ? "too long" : "too short")} for");
        }

        var values = new byte[count];
        if (stream.ReadAtLeast(values, values.Length, throwOnEndOfStream: false) < values.Length)
        {
            throw Wrong(path, $"it ends before the {count:N0} values that its header promises");
        }

        return stream.ReadByte() < 0
            ? new IdxFile(sizes, values)
            : throw Wrong(path, $"it goes on after the {count:N0} values that its header promises");
    }

    private static OnnxTransferException Wrong(string path, string why) =>
        new(FailureKind.Data, $"{path} cannot be read as IDX: {why}; fetch the file again.");
}
