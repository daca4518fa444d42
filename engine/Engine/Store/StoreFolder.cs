namespace OnnxTransfer.Engine;

/// <summary>The files of a store and what a folder must be like to become one.</summary>
internal sealed record StoreFolder(string Path)
{
    /// <summary>What makes the codes.</summary>
    public string Header => System.IO.Path.Combine(Path, "store.json");

    /// <summary>The sealed blocks.</summary>
    public string Index => System.IO.Path.Combine(Path, "index.jsonl");

    /// <summary>The folder of the blocks.</summary>
    public string Blocks => System.IO.Path.Combine(Path, "blocks");

    /// <summary>The images left out and what the store holds; there once the store is finished.</summary>
    public string Skipped => System.IO.Path.Combine(Path, "skipped.jsonl");

    /// <summary>Held open by the one process that writes.</summary>
    public string LockFile => System.IO.Path.Combine(Path, "store.lock");

    /// <summary>The file of a block.</summary>
    public string Block(IndexEntry entry) => System.IO.Path.Combine(Blocks, entry.File);

    /// <summary>The header of the store.</summary>
    /// <exception cref="OnnxTransferException"><see cref="FailureKind.Data"/>: damaged; <see cref="FailureKind.Machine"/>: unreadable.</exception>
    public StoreHeader ReadHeader() => StoreHeaderJson.Parse(ReadText(Header), Header);

    /// <summary>Makes the folder where it is missing.</summary>
    /// <exception cref="OnnxTransferException">
    /// <see cref="FailureKind.Usage"/>: it is a file, or a folder with other things in it; <see cref="FailureKind.Machine"/>:
    /// it cannot be made.
    /// </exception>
    public void Claim()
    {
        if (System.IO.File.Exists(Path))
        {
            throw new OnnxTransferException(FailureKind.Usage, $"{Path} is a file, where a store is a folder; choose another name.");
        }

        try
        {
            if (Directory.Exists(Path) && !System.IO.File.Exists(Header) && Directory.EnumerateFileSystemEntries(Path).FirstOrDefault(entry => !IsOurs(entry)) is { } stranger)
            {
                throw new OnnxTransferException(
                    FailureKind.Usage,
                    $"The folder {Path} is no store and not empty (it holds {System.IO.Path.GetFileName(stranger)}); choose another folder.");
            }

            Directory.CreateDirectory(Blocks);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw WholeFile.CannotWrite(Path, e);
        }
    }

    /// <summary>Opens the lock for as long as the stream lives; a killed process lets go of it.</summary>
    /// <exception cref="OnnxTransferException"><see cref="FailureKind.Machine"/>: another process writes the store, or nobody can.</exception>
    public FileStream Lock()
    {
        try
        {
            return new FileStream(LockFile, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None, 1, FileOptions.DeleteOnClose);
        }
        catch (IOException e) when (System.IO.File.Exists(LockFile))
        {
            throw new OnnxTransferException(
                FailureKind.Machine, $"Another process is writing the store {Path}; wait until it is done or choose another folder.", e);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw WholeFile.CannotWrite(Path, e);
        }
    }

    /// <summary>Deletes what killed processes left half-written.</summary>
    public void DeleteLeftovers() => Delete(
        Directory.EnumerateFiles(Path).Concat(Directory.EnumerateFiles(Blocks)).Where(file => file.EndsWith(WholeFile.TemporaryEnding, StringComparison.Ordinal)));

    /// <summary>Deletes files.</summary>
    /// <exception cref="OnnxTransferException"><see cref="FailureKind.Machine"/>: one cannot be deleted.</exception>
    public static void Delete(IEnumerable<string> files)
    {
        foreach (var file in files.ToArray())
        {
            try
            {
                System.IO.File.Delete(file);
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException)
            {
                throw new OnnxTransferException(
                    FailureKind.Machine, $"Cannot delete {file}: {e.Message.TrimEnd('.')}; check the folder's permissions.", e);
            }
        }
    }

    /// <summary>The text of one of the store's small files.</summary>
    /// <exception cref="OnnxTransferException"><see cref="FailureKind.Machine"/>: it cannot be read.</exception>
    public static string ReadText(string path)
    {
        try
        {
            return System.IO.File.ReadAllText(path);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new OnnxTransferException(FailureKind.Machine, $"Cannot read {path}: {e.Message.TrimEnd('.')}; check its permissions.", e);
        }
    }

    // A process that is killed before store.json is there leaves no more than these.
    private bool IsOurs(string entry) =>
        entry == LockFile
        || entry.EndsWith(WholeFile.TemporaryEnding, StringComparison.Ordinal)
        || (entry == Blocks && !Directory.EnumerateFileSystemEntries(Blocks).Any());
}
