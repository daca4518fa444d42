namespace OnnxTransfer;

/// <summary>Tells files from pipes and devices before they are opened: opening a pipe that nobody writes to waits for ever.</summary>
public static class RegularFile
{
    /// <summary>The length of a file in bytes, links followed; 0 for an empty file, and for what is a pipe or a device.</summary>
    /// <exception cref="FileNotFoundException">There is no such file.</exception>
    /// <exception cref="IOException">It is a folder; the links on the way lead in a circle, or cannot be read.</exception>
    /// <exception cref="UnauthorizedAccessException">A folder on the way must not be searched.</exception>
    public static long Length(string path)
    {
        var real = new FileInfo(RealPath.Of(path));
        if (Directory.Exists(real.FullName))
        {
            throw new IOException("It is a folder.");
        }

        // The links of /proc/self/fd lead to pipes that have no path of their own.
        var isNameless = !real.Exists && real.FullName.StartsWith("/proc/", StringComparison.Ordinal) && File.Exists(path);
        return isNameless ? 0 : real.Length;
    }
}
