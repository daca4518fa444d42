namespace OnnxTransfer;

/// <summary>Where a path really leads: every link on the way followed, from the root down.</summary>
public static class RealPath
{
    // As many as Linux follows before it calls a path a circle.
    private const int MostLinks = 40;

    private static readonly char[] Separators = [Path.DirectorySeparatorChar, Path.AltDirectorySeparatorChar];

    /// <summary>
    /// The one absolute path of what <paramref name="path"/> names, without links, dots and a trailing separator; what
    /// does not exist stays as it is written. A "..", in a path or in a link, leads to the parent of the real folder.
    /// </summary>
    /// <exception cref="IOException">The links lead in a circle, or cannot be read.</exception>
    /// <exception cref="UnauthorizedAccessException">A folder on the way must not be searched.</exception>
    public static string Of(string path)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        var whole = Path.IsPathFullyQualified(path) ? path : Path.Combine(Environment.CurrentDirectory, path);
        var real = Path.GetPathRoot(whole)!;
        var ahead = new Stack<string>();
        Push(ahead, whole[real.Length..]);
        for (var links = 0; ahead.TryPop(out var name);)
        {
            var next = name == ".." ? Path.GetDirectoryName(real) ?? real : Path.Combine(real, name);
            if (name == ".." || new FileInfo(next).LinkTarget is not { } target)
            {
                real = next;
                continue;
            }

            if (++links > MostLinks)
            {
                throw new IOException($"Too many links follow one another on the way to {path}");
            }

            var root = Path.IsPathFullyQualified(target) ? Path.GetPathRoot(target)! : string.Empty;
            real = root.Length > 0 ? root : real;
            Push(ahead, target[root.Length..]);
        }

        return real;
    }

    private static void Push(Stack<string> ahead, string path)
    {
        foreach (var name in path.Split(Separators, StringSplitOptions.RemoveEmptyEntries).Where(static name => name != ".").Reverse())
        {
            ahead.Push(name);
        }
    }
}
