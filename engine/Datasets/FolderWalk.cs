namespace OnnxTransfer.Datasets;

/// <summary>An image file below a folder.</summary>
/// <param name="Parts">Its path relative to the folder, one name each.</param>
/// <param name="Path">Where to read it.</param>
internal sealed record FolderFile(string[] Parts, string Path);

/// <summary>Finds the image files below a folder, links followed, every real folder visited once.</summary>
internal static class FolderWalk
{
    /// <summary>All image files in the ordinal order of their names, and a note on each kind of thing left out.</summary>
    public static List<FolderFile> Images(string root, out List<string> notes)
    {
        var walk = new Walk();
        try
        {
            walk.Visit(root, RealPath.Of(root), []);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw Unreadable.Because(root, e);
        }

        notes = walk.Notes();
        return walk.Files;
    }

    private static bool LeadsSomewhere(FileSystemInfo link)
    {
        try
        {
            var target = RealPath.Of(link.FullName);
            return File.Exists(target) || Directory.Exists(target);
        }
        catch (IOException)
        {
            // Links that lead in a circle.
            return false;
        }
    }

    private sealed class Walk
    {
        private readonly HashSet<string> _visited = new(StringComparer.Ordinal);
        private readonly SortedDictionary<string, int> _otherFiles = new(StringComparer.Ordinal);
        private readonly SortedDictionary<string, int> _otherImages = new(StringComparer.Ordinal);
        private int _hidden;
        private int _brokenLinks;
        private int _repeatedFolders;

        public List<FolderFile> Files { get; } = [];

        /// <summary>
        /// Visits the folder that is called <paramref name="shown"/> and really is <paramref name="real"/>: the walk goes on
        /// below the real path, never below a link, so that every way to a folder is known to lead to the same one.
        /// </summary>
        public void Visit(string shown, string real, string[] parts)
        {
            if (!_visited.Add(real))
            {
                _repeatedFolders++;
                return;
            }

            foreach (var entry in Entries(real))
            {
                if (entry.Name.StartsWith('.') || entry.Name == "__MACOSX")
                {
                    _hidden++;
                    continue;
                }

                var path = Path.Combine(shown, entry.Name);
                string[] below = [.. parts, entry.Name];
                if (entry.LinkTarget is not null && !LeadsSomewhere(entry))
                {
                    _brokenLinks++;
                }
                else if (entry is DirectoryInfo || Directory.Exists(entry.FullName))
                {
                    Visit(path, RealPath.Of(entry.FullName), below);
                }
                else
                {
                    Sort(path, below);
                }
            }
        }

        public List<string> Notes()
        {
            var notes = new List<string>();
            Note(notes, _otherImages, "of formats that are not read", $"; convert them to one of {ImageFormats.Endings}");
            Note(notes, _otherFiles, "that are not images", string.Empty);
            Note(notes, _hidden, "hidden file or folder", "hidden files and folders");
            Note(notes, _brokenLinks, "link that leads nowhere", "links that lead nowhere");
            Note(notes, _repeatedFolders, "link to a folder that is read elsewhere", "links to folders that are read elsewhere");
            return notes;
        }

        private void Sort(string path, string[] parts)
        {
            if (ImageFormats.IsImage(path))
            {
                Files.Add(new FolderFile(parts, path));
                return;
            }

            var counts = ImageFormats.IsOtherImage(path) ? _otherImages : _otherFiles;
            var ending = Path.GetExtension(path).ToLowerInvariant();
            ending = ending.Length == 0 ? "no ending" : ending;
            counts[ending] = counts.GetValueOrDefault(ending) + 1;
        }

        private static List<FileSystemInfo> Entries(string folder)
        {
            try
            {
                var entries = new DirectoryInfo(folder).EnumerateFileSystemInfos().ToList();
                entries.Sort(static (a, b) => string.CompareOrdinal(a.Name, b.Name));
                return entries;
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException)
            {
                throw Unreadable.Because(folder, e);
            }
        }

        private static void Note(List<string> notes, SortedDictionary<string, int> counts, string what, string advice)
        {
            if (counts.Count > 0)
            {
                var total = counts.Values.Sum();
                var kinds = string.Join(", ", counts.Select(static kind => $"{kind.Key} {kind.Value:N0}"));
                notes.Add($"Left out {total:N0} {(total == 1 ? "file" : "files")} {what} ({kinds}){advice}.");
            }
        }

        private static void Note(List<string> notes, int count, string one, string many)
        {
            if (count > 0)
            {
                notes.Add($"Left out {count:N0} {(count == 1 ? one : many)}.");
            }
        }
    }
}
