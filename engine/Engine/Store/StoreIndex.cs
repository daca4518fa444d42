using System.Text;
using System.Text.Json;

namespace OnnxTransfer.Engine;

/// <summary>A sealed block: a line of index.jsonl.</summary>
/// <param name="File">The file's name in blocks/.</param>
/// <param name="Rows">Rows in it.</param>
/// <param name="Sha256">SHA-256 of the file.</param>
internal sealed record IndexEntry(string File, int Rows, string Sha256);

/// <summary>index.jsonl: the blocks in their order. A line is added after its block is on disk.</summary>
internal static class StoreIndex
{
    /// <summary>
    /// The lines up to the first that is torn or damaged, and whether that was all. A process that is killed while it adds
    /// a line leaves a torn one at the end: its block is simply not in the index yet.
    /// </summary>
    /// <exception cref="OnnxTransferException"><see cref="FailureKind.Machine"/>: the file cannot be read.</exception>
    public static (List<IndexEntry> Entries, bool Whole) Read(string path)
    {
        var entries = new List<IndexEntry>();
        if (!System.IO.File.Exists(path))
        {
            return (entries, true);
        }

        var text = StoreFolder.ReadText(path);
        for (var start = 0; start < text.Length;)
        {
            var end = text.IndexOf('\n', start);
            if (end < 0 || Parse(text[start..end]) is not { } entry)
            {
                return (entries, false);
            }

            entries.Add(entry);
            start = end + 1;
        }

        return (entries, true);
    }

    /// <summary>Replaces the file.</summary>
    public static void Write(string path, IEnumerable<IndexEntry> entries) =>
        WholeFile.WriteText(path, string.Concat(entries.Select(Line)));

    /// <summary>Adds a line and flushes it to the device; where that fails, the file is as it was.</summary>
    /// <exception cref="OnnxTransferException"><see cref="FailureKind.Machine"/>: the disk is full or read-only.</exception>
    public static void Append(string path, IndexEntry entry)
    {
        try
        {
            using var stream = new FileStream(path, FileMode.OpenOrCreate, FileAccess.Write, FileShare.Read, bufferSize: 0);
            var before = stream.Length;
            try
            {
                stream.Seek(0, SeekOrigin.End);
                stream.Write(Encoding.UTF8.GetBytes(Line(entry)));
                stream.Flush(flushToDisk: true);
            }
            catch (IOException)
            {
                stream.SetLength(before);
                throw;
            }
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw WholeFile.CannotWrite(path, e);
        }
    }

    // Names and hashes are plain letters and digits: nothing needs escaping.
    private static string Line(IndexEntry entry) =>
        $"{{\"file\":\"{entry.File}\",\"rows\":{entry.Rows},\"sha256\":\"{entry.Sha256}\"}}\n";

    private static IndexEntry? Parse(string line)
    {
        try
        {
            using var document = JsonDocument.Parse(line);
            var root = document.RootElement;
            var (file, rows, sha256) = (root.GetProperty("file").GetString(), root.GetProperty("rows").GetInt32(), root.GetProperty("sha256").GetString());

            // A stranger's index must not lead out of the folder.
            return file is not null && file == Path.GetFileName(file) && file.EndsWith(".arrow", StringComparison.Ordinal)
                && rows >= 0 && sha256 is { Length: 64 } && sha256.All(char.IsAsciiHexDigitLower)
                ? new IndexEntry(file, rows, sha256)
                : null;
        }
        catch (Exception e) when (e is JsonException or KeyNotFoundException or InvalidOperationException or FormatException)
        {
            return null;
        }
    }
}
