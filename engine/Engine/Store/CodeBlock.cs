using System.Buffers.Binary;
using System.Runtime.InteropServices;
using System.Security.Cryptography;
using System.Text;

namespace OnnxTransfer.Engine;

/// <summary>A block file, mapped: its codes are read where they lie.</summary>
internal sealed class CodeBlock : IDisposable
{
    private readonly MappedFile file;
    private readonly BlockLayout layout;
    private readonly IReadOnlyList<CodeColumn> columns;

    private CodeBlock(string path, MappedFile file, StoreHeader header)
    {
        (Path, this.file, columns) = (path, file, header.Columns);
        layout = BlockLayout.Read(file.GetSpan(), header);
        Ids = Texts(BlockLayout.Id)!;
        Labels = Texts(BlockLayout.Label);
        Splits = Texts(BlockLayout.Split);
    }

    /// <summary>The file.</summary>
    public string Path { get; }

    /// <summary>The rows' ids.</summary>
    public IReadOnlyList<string> Ids { get; }

    /// <summary>Their labels.</summary>
    public IReadOnlyList<string?> Labels { get; }

    /// <summary>The parts that they were given to.</summary>
    public IReadOnlyList<string?> Splits { get; }

    /// <summary>Rows.</summary>
    public int Rows => layout.Rows;

    /// <summary>Maps a block and checks that it has the store's columns, all inside the file.</summary>
    /// <exception cref="OnnxTransferException"><see cref="FailureKind.Data"/>: missing, damaged, or a block of other codes.</exception>
    public static CodeBlock Open(string path, StoreHeader header)
    {
        MappedFile? file = null;
        try
        {
            file = new MappedFile(path);
            return new CodeBlock(path, file, header);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or InvalidDataException)
        {
            ((IDisposable?)file)?.Dispose();
            throw Damaged(path, e);
        }
    }

    /// <summary>Whether the file's SHA-256 is <paramref name="sha256"/>, or begins with it.</summary>
    public bool HasHash(string sha256) =>
        Convert.ToHexStringLower(SHA256.HashData(file.GetSpan())).StartsWith(sha256, StringComparison.Ordinal);

    /// <summary>The content of a row.</summary>
    public ContentHash Content(int row) => ContentHash.From(Buffer(BlockLayout.Content).Slice(row * ContentHash.Size, ContentHash.Size));

    /// <summary>The code of a row.</summary>
    public ReadOnlySpan<float> Code(int column, int row)
    {
        var width = columns[column].Width;
        return MemoryMarshal.Cast<byte, float>(Buffer(BlockLayout.Code(column)).Slice(row * width * sizeof(float), width * sizeof(float)));
    }

    /// <summary>Whether it holds exactly these images with these contents, labels and splits.</summary>
    public bool Holds(BlockRows rows)
    {
        if (rows.Count != Rows)
        {
            return false;
        }

        for (var row = 0; row < Rows; row++)
        {
            if (Ids[row] != rows.Ids[row] || Labels[row] != rows.Labels[row] || Splits[row] != rows.Splits[row] || Content(row) != rows.Contents[row])
            {
                return false;
            }
        }

        return true;
    }

    /// <inheritdoc/>
    public void Dispose() => ((IDisposable)file).Dispose();

    /// <summary>The sentence for a block that cannot be used.</summary>
    public static OnnxTransferException Damaged(string path, Exception? reason = null) => new(
        FailureKind.Data,
        $"The block {path} is missing or damaged{(reason is null ? string.Empty : $" ({reason.Message.ReplaceLineEndings(" ").TrimEnd('.')})")}; run the same extract again, which mends it.",
        reason);

    private ReadOnlySpan<byte> Buffer(int index) => file.GetSpan().Slice(layout.Buffers[index].Start, layout.Buffers[index].Length);

    // A column of texts has three buffers: a bit for each row that is not null (none where all are there), the places
    // where the texts begin and the last one ends, and the texts in UTF-8.
    private string?[] Texts(int first)
    {
        var validity = Buffer(first);
        var offsets = Buffer(first + 1);
        var bytes = Buffer(first + 2);
        var texts = new string?[Rows];
        for (var row = 0; row < texts.Length; row++)
        {
            if (!validity.IsEmpty && (validity[row / 8] >> (row % 8) & 1) == 0)
            {
                continue;
            }

            var start = BinaryPrimitives.ReadInt32LittleEndian(offsets[(row * sizeof(int))..]);
            var end = BinaryPrimitives.ReadInt32LittleEndian(offsets[((row + 1) * sizeof(int))..]);
            texts[row] = start >= 0 && start <= end && end <= bytes.Length
                ? Encoding.UTF8.GetString(bytes[start..end])
                : throw new InvalidDataException("A text leads outside of the file");
        }

        return texts;
    }
}
