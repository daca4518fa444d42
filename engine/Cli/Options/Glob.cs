using System.IO.Enumeration;

namespace OnnxTransfer.Cli.Options;

/// <summary>Patterns for the shells that do not expand them: * and ? within a name, ** for any number of folders.</summary>
internal static class Glob
{
    /// <summary>Whether a word has a character that makes it a pattern.</summary>
    public static bool IsPattern(string word) => word.AsSpan().IndexOfAny('*', '?') >= 0;

    /// <summary>The files that match, in ordinal order.</summary>
    public static IReadOnlyList<string> Files(string pattern)
    {
        var segments = pattern.Replace('\\', '/').Split('/', StringSplitOptions.RemoveEmptyEntries);
        var found = new SortedSet<string>(StringComparer.Ordinal);
        Match(Path.IsPathRooted(pattern) ? "/" : string.Empty, segments, found);
        return [.. found];
    }

    private static void Match(string folder, ReadOnlySpan<string> segments, SortedSet<string> found)
    {
        var segment = segments[0];
        var rest = segments[1..];
        if (!IsPattern(segment))
        {
            var path = Path.Combine(folder, segment);
            if (rest.IsEmpty)
            {
                if (File.Exists(path))
                {
                    found.Add(path);
                }
            }
            else if (Directory.Exists(path))
            {
                Match(path, rest, found);
            }

            return;
        }

        if (segment == "**" && !rest.IsEmpty)
        {
            Match(folder, rest, found);
        }

        var entries = new DirectoryInfo(folder.Length == 0 ? "." : folder).EnumerateFileSystemInfos();
        foreach (var entry in entries.Where(entry => !entry.Name.StartsWith('.') && FileSystemName.MatchesSimpleExpression(segment, entry.Name, ignoreCase: false)))
        {
            var path = Path.Combine(folder, entry.Name);
            var isFolder = Directory.Exists(path);
            if (rest.IsEmpty && !isFolder)
            {
                found.Add(path);
            }
            else if (isFolder && !rest.IsEmpty && !(segment == "**" && entry.LinkTarget is not null))
            {
                // ** goes on below, but through no link, which may lead in a circle.
                Match(path, segment == "**" ? segments : rest, found);
            }
        }
    }
}
