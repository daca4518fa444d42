using OnnxTransfer.Datasets;

namespace OnnxTransfer.Engine;

/// <summary>
/// A store that is being written, by this process alone. Every block is on disk whole before the index names it, so that
/// a kill at any moment loses one block at most; what an earlier run left is used again, row by row, where the content
/// of an image is the same.
/// </summary>
internal sealed class StoreWriter : IDisposable
{
    private readonly StoreFolder folder;
    private readonly FileStream gate;
    private readonly string key;
    private readonly List<IndexEntry> index;
    private readonly Dictionary<string, CodeBlock> blocks = new(StringComparer.Ordinal);
    private readonly Dictionary<ContentHash, (CodeBlock Block, int Row)> known = [];

    private StoreWriter(StoreFolder folder, FileStream gate, StoreHeader header)
    {
        (this.folder, this.gate, key) = (folder, gate, header.Key);
        (index, var whole) = StoreIndex.Read(folder.Index);
        if (!whole)
        {
            StoreIndex.Write(folder.Index, index);
        }

        try
        {
            Collect(header);
        }
        catch
        {
            Unmap();
            throw;
        }
    }

    /// <summary>Opens a store for writing, or makes it.</summary>
    /// <exception cref="OnnxTransferException">
    /// <see cref="FailureKind.Usage"/>: the folder is something else; <see cref="FailureKind.Data"/>: other codes are in it;
    /// <see cref="FailureKind.Machine"/>: it cannot be written, or another process does.
    /// </exception>
    public static StoreWriter Open(string path, StoreHeader header)
    {
        var folder = new StoreFolder(Path.GetFullPath(path));
        folder.Claim();
        var gate = folder.Lock();
        try
        {
            folder.DeleteLeftovers();
            if (!File.Exists(folder.Header))
            {
                WholeFile.WriteText(folder.Header, StoreHeaderJson.Write(header));
            }
            else if (StoreHeaderJson.Difference(folder.ReadHeader(), header) is { Length: > 0 } difference)
            {
                throw new OnnxTransferException(
                    FailureKind.Data, $"The store {path} holds other codes: {difference}; choose another folder or delete it.");
            }

            return new StoreWriter(folder, gate, header);
        }
        catch
        {
            gate.Dispose();
            throw;
        }
    }

    /// <summary>Refuses a set of images that lacks some of the store: their codes would go away.</summary>
    /// <remarks>
    /// An image counts as there with its id, whatever became of its content, or under an id that is new to the store with
    /// its content: a class is a folder, and an image that got another label has another id.
    /// </remarks>
    /// <exception cref="OnnxTransferException"><see cref="FailureKind.Data"/>: how many it lacks, and the first.</exception>
    /// <exception cref="OperationCanceledException">Cancelled while contents were read.</exception>
    public void RequireAll(LabelledImages images, CancellationToken cancellation)
    {
        var ids = images.Select(image => image.Id).ToHashSet(StringComparer.Ordinal);
        var stored = new HashSet<string>(StringComparer.Ordinal);
        var missing = new SortedDictionary<string, ContentHash>(StringComparer.Ordinal);
        foreach (var block in blocks.Values)
        {
            stored.UnionWith(block.Ids);
            foreach (var row in Enumerable.Range(0, block.Rows).Where(row => !ids.Contains(block.Ids[row])))
            {
                missing[block.Ids[row]] = block.Content(row);
            }
        }

        if (missing.Count == 0)
        {
            return;
        }

        var moved = new HashSet<ContentHash>();
        foreach (var image in images.Where(image => !stored.Contains(image.Id)))
        {
            cancellation.ThrowIfCancellationRequested();
            try
            {
                moved.Add(ContentHash.Of(image.Content.Read()));
            }
            catch (OnnxTransferException e) when (e.Kind is FailureKind.Data or FailureKind.Machine)
            {
                // It cannot be read, and so is none of the missing; the extraction lists it among the skipped.
            }
        }

        var lost = missing.Where(image => !moved.Contains(image.Value)).Select(image => image.Key).ToArray();
        if (lost.Length > 0)
        {
            throw new OnnxTransferException(
                FailureKind.Data,
                $"{lost.Length:N0} images of the store {folder.Path} are not in {images.Source} (the first: {lost[0]}), and their codes would be lost; "
                + "use another folder for the store, or the same set.");
        }
    }

    /// <summary>Copies the codes of an image whose content is in the store; false where it is not.</summary>
    public bool TryReuse(ContentHash content, BlockRows rows, int row)
    {
        if (!known.TryGetValue(content, out var place))
        {
            return false;
        }

        for (var column = 0; column < rows.Columns.Count; column++)
        {
            place.Block.Code(column, place.Row).CopyTo(rows.Code(column, row));
        }

        return true;
    }

    /// <summary>Writes a block and names it in the index; a block that is there already stays untouched.</summary>
    /// <exception cref="OnnxTransferException"><see cref="FailureKind.Machine"/>: the disk is full or read-only.</exception>
    public void Seal(int block, BlockRows rows)
    {
        if (block < index.Count && blocks.TryGetValue(index[block].File, out var old) && old.Holds(rows))
        {
            return;
        }

        StoreFolder.Delete([folder.Skipped]);
        var entry = BlockWriter.Write(folder.Blocks, block, key, rows);
        if (block == index.Count)
        {
            StoreIndex.Append(folder.Index, entry);
            index.Add(entry);
        }
        else
        {
            index[block] = entry;
            StoreIndex.Write(folder.Index, index);
        }
    }

    /// <summary>
    /// Keeps rows of a block that was not finished, outside of the index: the next run finds them by their contents, and
    /// takes the file away when it ends. What the store has finished stays as it is.
    /// </summary>
    /// <exception cref="OnnxTransferException"><see cref="FailureKind.Machine"/>: the disk is full or read-only.</exception>
    public void Keep(int block, BlockRows rows) => BlockWriter.Write(folder.Blocks, block, key, rows);

    /// <summary>Ends the store after this many blocks: the index has no others, nor has the folder.</summary>
    public void Finish(int count, IReadOnlyList<SkippedImage> skipped)
    {
        if (index.Count > count)
        {
            StoreFolder.Delete([folder.Skipped]);
            index.RemoveRange(count, index.Count - count);
            StoreIndex.Write(folder.Index, index);
        }

        var text = new SkippedList(skipped, index.Count, index.Sum(entry => entry.Rows)).Text();
        if (!File.Exists(folder.Skipped) || StoreFolder.ReadText(folder.Skipped) != text)
        {
            WholeFile.WriteText(folder.Skipped, text);
        }

        Unmap();
        var used = index.Select(folder.Block).ToHashSet(StringComparer.Ordinal);
        StoreFolder.Delete(Directory.EnumerateFiles(folder.Blocks).Where(file => !used.Contains(file)));
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        Unmap();
        gate.Dispose();
    }

    // All whole blocks of this key, those that the index does not name too: an interrupted run replaced them, or was
    // killed between a block and its line. A damaged one is passed over, and its rows are computed again.
    private void Collect(StoreHeader header)
    {
        var hashes = index.DistinctBy(entry => entry.File).ToDictionary(entry => entry.File, entry => entry.Sha256, StringComparer.Ordinal);
        foreach (var path in Directory.EnumerateFiles(folder.Blocks, "*.arrow").Order(StringComparer.Ordinal))
        {
            var name = Path.GetFileName(path);
            var hash = hashes.GetValueOrDefault(name) ?? Path.GetFileNameWithoutExtension(name)[(name.IndexOf('-', StringComparison.Ordinal) + 1)..];
            if (hash.Length < 16 || TryOpen(path, header) is not { } block)
            {
                continue;
            }

            if (!block.HasHash(hash))
            {
                block.Dispose();
                continue;
            }

            blocks[name] = block;
            for (var row = 0; row < block.Rows; row++)
            {
                known.TryAdd(block.Content(row), (block, row));
            }
        }
    }

    private static CodeBlock? TryOpen(string path, StoreHeader header)
    {
        try
        {
            return CodeBlock.Open(path, header);
        }
        catch (OnnxTransferException e) when (e.Kind == FailureKind.Data)
        {
            return null;
        }
    }

    private void Unmap()
    {
        known.Clear();
        foreach (var block in blocks.Values)
        {
            block.Dispose();
        }

        blocks.Clear();
    }
}
