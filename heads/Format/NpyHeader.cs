using System.Buffers.Binary;
using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;

namespace OnnxTransfer.Heads;

/// <summary>What stands before the numbers of a .npy file (NumPy's format, versions 1.0 to 3.0).</summary>
/// <param name="Type">The type of a number, such as <c>&lt;f4</c>.</param>
/// <param name="ColumnByColumn">Fortran's order.</param>
/// <param name="Shape">The length of every axis.</param>
internal sealed partial record NpyHeader(string Type, bool ColumnByColumn, long[] Shape)
{
    private const int Longest = 1 << 16;

    /// <summary>Bytes of a number: the digits that end <see cref="Type"/>.</summary>
    public int ItemBytes => Type[^1] - '0';

    /// <summary>Reads the header; the stream then stands at the first number.</summary>
    public static NpyHeader Read(Stream stream, string path)
    {
        Span<byte> start = stackalloc byte[12];
        if (stream.ReadAtLeast(start[..8], 8, throwOnEndOfStream: false) < 8 || start[0] != 0x93 || !start[1..6].SequenceEqual("NUMPY"u8))
        {
            throw Npy.Bad(path, "it does not begin like a .npy file");
        }

        var lengthBytes = start[6] switch
        {
            1 => 2,
            2 or 3 => 4,
            _ => throw Npy.Bad(path, $"its version is {start[6]}.{start[7]}, and 1.0 to 3.0 are known"),
        };
        if (stream.ReadAtLeast(start.Slice(8, lengthBytes), lengthBytes, throwOnEndOfStream: false) < lengthBytes)
        {
            throw Npy.Bad(path, "it ends within its header");
        }

        var length = lengthBytes == 2
            ? BinaryPrimitives.ReadUInt16LittleEndian(start[8..])
            : BinaryPrimitives.ReadUInt32LittleEndian(start[8..]);
        if (length > Longest)
        {
            throw Npy.Bad(path, $"its header claims {length} bytes, and {Longest} are the most");
        }

        var bytes = new byte[length];
        if (stream.ReadAtLeast(bytes, bytes.Length, throwOnEndOfStream: false) < bytes.Length)
        {
            throw Npy.Bad(path, "it ends within its header");
        }

        return Parse(start[6] == 3 ? Encoding.UTF8.GetString(bytes) : Encoding.Latin1.GetString(bytes), path);
    }

    /// <summary>The bytes of a version 1.0 header, filled up so that the numbers begin at a multiple of 64.</summary>
    public byte[] ToBytes()
    {
        var shape = string.Join(", ", Shape) + (Shape.Length == 1 ? "," : string.Empty);
        var text = $"{{'descr': '{Type}', 'fortran_order': {(ColumnByColumn ? "True" : "False")}, 'shape': ({shape}), }}";
        var length = ((10 + text.Length + 1 + 63) / 64 * 64) - 10;
        byte[] start = [0x93, .. "NUMPY"u8, 1, 0, (byte)length, (byte)(length >> 8)];
        return [.. start, .. Encoding.ASCII.GetBytes(text.PadRight(length - 1) + "\n")];
    }

    private static NpyHeader Parse(string text, string path)
    {
        var entries = Dictionary().Match(text);
        var type = TypeEntry().Match(text);
        var order = OrderEntry().Match(text);
        var shape = ShapeEntry().Match(text);
        if (!entries.Success || !type.Success || !order.Success || !shape.Success)
        {
            throw Npy.Bad(path, "its header is not one of a plain array (a dictionary of descr, fortran_order and shape)");
        }

        var axes = new List<long>();
        foreach (var axis in shape.Groups[1].Value.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries))
        {
            axes.Add(long.TryParse(axis, NumberStyles.None, CultureInfo.InvariantCulture, out var length)
                ? length
                : throw Npy.Bad(path, $"an axis is '{axis}' long"));
        }

        return new NpyHeader(type.Groups[1].Value, order.Groups[1].Value == "True", [.. axes]);
    }

    [GeneratedRegex(@"^\s*\{.*\}\s*$", RegexOptions.Singleline | RegexOptions.NonBacktracking)]
    private static partial Regex Dictionary();

    [GeneratedRegex(@"'descr'\s*:\s*'([<>|=]?[a-z][0-9]+)'", RegexOptions.NonBacktracking)]
    private static partial Regex TypeEntry();

    [GeneratedRegex(@"'fortran_order'\s*:\s*(True|False)", RegexOptions.NonBacktracking)]
    private static partial Regex OrderEntry();

    [GeneratedRegex(@"'shape'\s*:\s*\(([0-9, ]*)\)", RegexOptions.NonBacktracking)]
    private static partial Regex ShapeEntry();
}
