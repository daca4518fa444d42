namespace OnnxTransfer.Datasets;

/// <summary>A folder becomes a set; the rules stand at <see cref="LabelledImages.FromFolder"/>.</summary>
internal static class FolderDataset
{
    public static LabelledImages Read(string path)
    {
        var files = Files(path, out var notes);
        var tops = files.Where(static file => file.Parts.Length > 1)
            .GroupBy(static file => file.Parts[0], StringComparer.Ordinal)
            .ToDictionary(static top => top.Key, static top => top.ToList(), StringComparer.Ordinal);
        return new LabelledImages(
            path,
            HasParts(tops) ? OfParts(path, files, tops, notes) : OfClasses(path, files, tops.Count > 0, notes),
            notes);
    }

    public static LabelledImages ReadAll(string path) =>
        new(path, Files(path, out var notes).ConvertAll(static file => Image(file, null, null)), notes);

    private static List<FolderFile> Files(string path, out List<string> notes)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        if (!Directory.Exists(path))
        {
            throw new OnnxTransferException(FailureKind.Data, $"There is no folder {path}; check the spelling.");
        }

        var files = FolderWalk.Images(path, out notes);
        if (files.Count == 0)
        {
            var seen = notes.Count == 0 ? "it is empty" : string.Join("; ", notes.Select(static note => note.TrimEnd('.')));
            throw new OnnxTransferException(
                FailureKind.Data,
                $"There is no image in {path}: {seen}; an image ends in {ImageFormats.Endings}.");
        }

        return files;
    }

    /// <summary>Whether the first level is train/, test/, val/ and not classes.</summary>
    private static bool HasParts(Dictionary<string, List<FolderFile>> tops) =>
        tops.Count > 0
        && (tops.Keys.All(static name => SplitNames.Parse(name) is not null)
            || tops.Any(static top => SplitNames.Parse(top.Key) == SplitNames.Train && AllInSubfolders(top.Value)));

    private static bool AllInSubfolders(List<FolderFile> files) => files.TrueForAll(static file => file.Parts.Length > 2);

    private static List<LabelledImage> OfParts(
        string path, List<FolderFile> files, Dictionary<string, List<FolderFile>> tops, List<string> notes)
    {
        NoteLeftOut(notes, files.Count(static file => file.Parts.Length == 1), $"directly in {path}, beside its parts");
        var images = new List<LabelledImage>(files.Count);
        foreach (var (name, inside) in tops.OrderBy(static top => top.Key, StringComparer.Ordinal))
        {
            var split = SplitNames.Parse(name);
            if (split is null)
            {
                NoteLeftOut(notes, inside.Count, $"in {name}/, which is neither train/ nor test/ nor val/");
                continue;
            }

            var labelled = inside.Where(static file => file.Parts.Length > 2).ToList();
            if (labelled.Count > 0)
            {
                NoteLeftOut(notes, inside.Count - labelled.Count, $"directly in {name}/, in no class");
                images.AddRange(labelled.Select(file => Image(file, file.Parts[1], split)));
            }
            else
            {
                images.AddRange(inside.Select(file => Image(file, null, split)));
            }
        }

        return images;
    }

    private static List<LabelledImage> OfClasses(string path, List<FolderFile> files, bool hasClasses, List<string> notes)
    {
        if (!hasClasses)
        {
            return files.ConvertAll(static file => Image(file, null, null));
        }

        var labelled = files.FindAll(static file => file.Parts.Length > 1);
        NoteLeftOut(notes, files.Count - labelled.Count, $"directly in {path}, in no class");
        return labelled.ConvertAll(static file => Image(file, file.Parts[0], null));
    }

    private static LabelledImage Image(FolderFile file, string? label, string? split) =>
        new(string.Join('/', file.Parts), label, new ImageFile(file.Path)) { Split = split };

    private static void NoteLeftOut(List<string> notes, int count, string where)
    {
        if (count > 0)
        {
            notes.Add($"Left out {count:N0} {(count == 1 ? "image" : "images")} {where}.");
        }
    }
}
