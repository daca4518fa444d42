using System.Text;

namespace OnnxTransfer;

/// <summary>
/// Files that are on disk whole or not at all: written beside their destination under a temporary name, flushed to the
/// device, then renamed over it. A link at the destination stays, and the file it leads to is replaced; a pipe or a device
/// stays, and is written to.
/// </summary>
public static class WholeFile
{
    /// <summary>The ending of the temporary names; a leftover of a killed process carries it and may be deleted.</summary>
    public const string TemporaryEnding = ".part";

    /// <summary>Writes <paramref name="path"/> with what <paramref name="content"/> puts into the stream.</summary>
    /// <exception cref="OnnxTransferException">
    /// <see cref="FailureKind.Machine"/>: the disk is full, the folder is missing or read-only, the path is a folder;
    /// nothing is left behind.
    /// </exception>
    public static void Write(string path, Action<Stream> content)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        ArgumentNullException.ThrowIfNull(content);
        RequireNoFolder(path);
        try
        {
            if (!WroteToPipeOrDevice(path, content))
            {
                Replace(RealPath.Of(path), content);
            }
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw CannotWrite(path, e);
        }
    }

    /// <summary>Writes <paramref name="text"/> as UTF-8 without a byte-order mark.</summary>
    /// <exception cref="OnnxTransferException"><see cref="FailureKind.Machine"/>: as for <see cref="Write"/>.</exception>
    public static void WriteText(string path, string text) =>
        Write(path, stream => stream.Write(Encoding.UTF8.GetBytes(text)));

    /// <summary>
    /// Checks that <paramref name="path"/> can be written, for callers with long work before it: makes the temporary file
    /// and takes it away again. What already stands at the path stays as it is.
    /// </summary>
    /// <exception cref="OnnxTransferException"><see cref="FailureKind.Machine"/>: as for <see cref="Write"/>.</exception>
    public static void RequirePlace(string path)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        RequireNoFolder(path);
        try
        {
            var real = RealPath.Of(path);
            if (File.Exists(real) && RegularFile.Length(real) == 0)
            {
                // Perhaps a pipe or a device: these have no neighbour, and opening one may wait or be noticed.
                return;
            }

            File.Open($"{real}.{Environment.ProcessId}{TemporaryEnding}", FileMode.Create).Dispose();
            Discard($"{real}.{Environment.ProcessId}{TemporaryEnding}");
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw CannotWrite(path, e);
        }
    }

    /// <summary>The sentence for a file that cannot be written, with the operating system's reason.</summary>
    public static OnnxTransferException CannotWrite(string path, Exception reason)
    {
        ArgumentNullException.ThrowIfNull(reason);
        return new OnnxTransferException(
            FailureKind.Machine,
            $"Cannot write {path}: {reason.Message.TrimEnd('.')}; free some space or choose another place.",
            reason);
    }

    private static void RequireNoFolder(string path)
    {
        if (Directory.Exists(path))
        {
            throw new OnnxTransferException(FailureKind.Machine, $"Cannot write {path}: it is a folder; name a file in it.");
        }
    }

    private static void Replace(string path, Action<Stream> content)
    {
        var temporary = $"{path}.{Environment.ProcessId}{TemporaryEnding}";
        try
        {
            using (var stream = new FileStream(temporary, FileMode.Create, FileAccess.ReadWrite, FileShare.None, 1 << 16))
            {
                content(stream);
                stream.Flush(flushToDisk: true);
            }

            File.Move(temporary, path, overwrite: true);
        }
        catch
        {
            Discard(temporary);
            throw;
        }
    }

    /// <summary>
    /// Writes to what a rename must not replace, and says whether it was that. Only what has no length can be: devices are
    /// known by where they lie, pipes by having no position.
    /// </summary>
    private static bool WroteToPipeOrDevice(string path, Action<Stream> content)
    {
        var real = RealPath.Of(path);
        var isOfProcess = real.StartsWith("/proc/", StringComparison.Ordinal);
        if (OperatingSystem.IsWindows() || (!isOfProcess && (!File.Exists(real) || RegularFile.Length(real) > 0)))
        {
            return false;
        }

        using var stream = new FileStream(path, FileMode.Open, FileAccess.Write, FileShare.ReadWrite, 1 << 16);
        if (stream.CanSeek
            && !isOfProcess
            && (!real.StartsWith("/dev/", StringComparison.Ordinal) || real.StartsWith("/dev/shm/", StringComparison.Ordinal)))
        {
            return false;
        }

        content(stream);
        return true;
    }

    private static void Discard(string temporary)
    {
        try
        {
            File.Delete(temporary);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // The reason that the write failed is the one to report; a leftover is named so that it can be recognised.
        }
    }
}
