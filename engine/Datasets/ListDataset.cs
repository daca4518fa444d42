namespace OnnxTransfer.Datasets;

/// <summary>A line of a list of images, as written; empty values are null.</summary>
internal sealed record ListLine(long Number, string? Path, string? Label, string? Split, string? Group);

/// <summary>The lines of a list become a set: one meaning for CSV and JSON lines.</summary>
internal static class ListDataset
{
    /// <summary>The largest list that is read, in bytes: some ten million lines.</summary>
    public const long LargestList = 1L << 30;

    /// <summary>Opens a list as UTF-8, refusing what is too large for one.</summary>
    public static StreamReader Open(string list)
    {
        ArgumentException.ThrowIfNullOrEmpty(list);
        try
        {
            if (RegularFile.Length(list) == 0)
            {
                throw new OnnxTransferException(
                    FailureKind.Data, $"{list} names no image, as it is empty, or a pipe or a device; give a file with a line for each image.");
            }

            var file = new FileStream(list, FileMode.Open, FileAccess.Read, FileShare.Read, 1 << 16, FileOptions.SequentialScan);
            if (file.Length <= LargestList)
            {
                return new StreamReader(file, new System.Text.UTF8Encoding(false, throwOnInvalidBytes: true));
            }

            file.Dispose();
            throw new OnnxTransferException(
                FailureKind.Data, $"{list} has {file.Length:N0} bytes, too many for a list of images; split it up.");
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw Unreadable.Because(list, e);
        }
    }

    /// <summary>The error of a line: where, what, what to do.</summary>
    public static OnnxTransferException Wrong(string list, long line, string sentence) =>
        new(FailureKind.Data, $"{list}, line {line}: {sentence}");

    /// <summary>Checks every line and makes the set.</summary>
    public static LabelledImages Read(string list, IReadOnlyList<ListLine> lines)
    {
        if (lines.Count == 0)
        {
            throw new OnnxTransferException(FailureKind.Data, $"{list} names no image; add a line for each.");
        }

        var folder = Path.GetDirectoryName(Path.GetFullPath(list))!;
        var anyLabel = lines.Any(static line => line.Label is not null);
        var anySplit = lines.Any(static line => line.Split is not null);
        var seen = new Dictionary<string, long>(StringComparer.Ordinal);
        var images = new List<LabelledImage>(lines.Count);
        foreach (var line in lines)
        {
            var id = Inside(list, folder, line);
            if (!seen.TryAdd(id, line.Number))
            {
                throw Wrong(list, line.Number, $"{id} stands in line {seen[id]} already; name every image once.");
            }

            if (anyLabel && line.Label is null)
            {
                var missing = lines.Count(static other => other.Label is null);
                throw Wrong(
                    list, line.Number, $"{id} has no label ({missing:N0} of {lines.Count:N0} lines have none); add it or remove the line.");
            }

            images.Add(new LabelledImage(id, line.Label, new ImageFile(Path.Combine(folder, id)))
            {
                Split = Split(list, line, anySplit),
                Group = line.Group,
            });
        }

        return new LabelledImages(list, images);
    }

    /// <summary>
    /// The path of a line relative to the list's folder, in one spelling. Names alone decide whether it stays inside: a
    /// link in the folder is the owner's own doing and is followed.
    /// </summary>
    private static string Inside(string list, string folder, ListLine line)
    {
        if (line.Path is null)
        {
            throw Wrong(list, line.Number, "the path is missing; add it or remove the line.");
        }

        if (line.Path.Contains('\0', StringComparison.Ordinal))
        {
            throw Wrong(list, line.Number, "the path has a zero character; correct it.");
        }

        var written = line.Path.Replace('\\', '/');
        var full = Path.GetFullPath(written, folder);
        var id = Path.GetRelativePath(folder, full).Replace('\\', '/');
        if (id is "." or ".." || id.StartsWith("../", StringComparison.Ordinal) || Path.IsPathRooted(id))
        {
            throw Wrong(
                list, line.Number, $"{line.Path} lies outside {folder}; move the image or the list so that it stays inside.");
        }

        return File.Exists(full)
            ? id
            : throw Wrong(
                list, line.Number, $"there is no file {line.Path} (paths are relative to {folder}); correct or remove the line.");
    }

    private static string? Split(string list, ListLine line, bool anySplit)
    {
        if (line.Split is null)
        {
            return anySplit
                ? throw Wrong(list, line.Number, "the split is missing while other lines have one; add train, test or val.")
                : null;
        }

        return SplitNames.Parse(line.Split)
            ?? throw Wrong(list, line.Number, $"'{line.Split}' is no split; write train, test or val.");
    }
}
