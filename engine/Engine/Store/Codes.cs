using OnnxTransfer.Heads;

namespace OnnxTransfer.Engine;

/// <summary>
/// Extracted codes: an opened store. Its blocks are mapped into memory, not read: only the codes that are asked for are
/// copied. Safe to read from several threads.
/// </summary>
/// <remarks>
/// Opening checks every file's structure and that the ids are in order; the SHA-256 of a block is checked when codes are
/// first read from it, and of all blocks by <see cref="Verify"/>.
/// </remarks>
public sealed class Codes : IDisposable
{
    private readonly List<(CodeBlock Block, string Sha256)> blocks = [];
    private readonly bool[] verified;
    private readonly int[] firstRows;
    private readonly bool temporary;
    private readonly Lazy<CodeMatrix> matrix;
    private readonly List<string?> labels = [];
    private readonly int unlabelled = -1;
    private bool disposed;

    private Codes(StoreFolder folder, CutProof? proof, bool temporary)
    {
        if (!File.Exists(folder.Header))
        {
            throw new OnnxTransferException(
                FailureKind.Data, $"{folder.Path} is no store of codes: it has no {System.IO.Path.GetFileName(folder.Header)}; `onnxtransfer extract` makes one.");
        }

        Path = folder.Path;
        Proof = proof;
        Header = folder.ReadHeader();
        if (!File.Exists(folder.Skipped))
        {
            throw new OnnxTransferException(
                FailureKind.Data, $"The store {folder.Path} is not finished; run the same extract again, which goes on where it stopped.");
        }

        var finished = SkippedList.Parse(StoreFolder.ReadText(folder.Skipped), folder.Skipped);
        Skipped = finished.Skipped;
        var (index, whole) = StoreIndex.Read(folder.Index);
        if (!whole)
        {
            throw new OnnxTransferException(
                FailureKind.Data, $"Line {index.Count + 1} of {folder.Index} is damaged; run the same extract again, which mends it.");
        }

        if ((index.Count, index.Sum(entry => (long)entry.Rows)) != (finished.Blocks, finished.Images))
        {
            throw new OnnxTransferException(
                FailureKind.Data,
                $"{folder.Index} is damaged: it has {index.Count:N0} blocks where {finished.Blocks:N0} with {finished.Images:N0} images were finished; run the same extract again, which mends it.");
        }

        (verified, firstRows) = (new bool[index.Count], new int[index.Count + 1]);
        var (ids, splits) = (new List<string>(), new List<string?>());
        try
        {
            foreach (var entry in index)
            {
                var block = CodeBlock.Open(folder.Block(entry), Header);
                blocks.Add((block, entry.Sha256));
                firstRows[blocks.Count] = checked(firstRows[blocks.Count - 1] + block.Rows);
                ids.AddRange(block.Ids);
                labels.AddRange(block.Labels);
                splits.AddRange(block.Splits);
                if (block.Rows != entry.Rows)
                {
                    throw CodeBlock.Damaged(block.Path);
                }
            }

            for (var row = 1; row < ids.Count; row++)
            {
                if (string.CompareOrdinal(ids[row - 1], ids[row]) >= 0)
                {
                    throw new OnnxTransferException(
                        FailureKind.Data, $"The blocks of {folder.Path} are out of order at '{ids[row]}'; run the same extract again, which mends it.");
                }
            }
        }
        catch
        {
            Dispose();
            throw;
        }

        (Ids, Splits, unlabelled) = (ids, splits, labels.IndexOf(null));
        Classes = [.. labels.OfType<string>().Distinct().Order(StringComparer.Ordinal)];
        this.temporary = temporary;
        matrix = new Lazy<CodeMatrix>(() => Read(Column(null, null)));
    }

    /// <summary>The columns: tensor name, pooling and width of each.</summary>
    public IReadOnlyList<CodeColumn> Columns => Header.Columns;

    /// <summary>The images, in the store's order (ordinal order of id).</summary>
    public IReadOnlyList<string> Ids { get; } = [];

    /// <summary>The parts that the images were given to ("train", "test", "val"); null where their set says nothing.</summary>
    public IReadOnlyList<string?> Splits { get; } = [];

    /// <summary>Whether every image has a label.</summary>
    public bool HasLabels => unlabelled < 0;

    /// <summary>Their labels.</summary>
    /// <exception cref="OnnxTransferException"><see cref="FailureKind.Data"/>: an image has none; it is named.</exception>
    public IReadOnlyList<string> Labels => HasLabels
        ? (List<string>)labels!
        : throw new OnnxTransferException(
            FailureKind.Data, $"The image '{Ids[unlabelled]}' in the store {Path} has no label; extract labelled images to train on them.");

    /// <summary>The labels that occur, in ordinal order.</summary>
    public IReadOnlyList<string> Classes { get; }

    /// <summary>The index of every image's label in <see cref="Classes"/>.</summary>
    /// <exception cref="OnnxTransferException">As for <see cref="Labels"/>.</exception>
    public int[] ClassIndices()
    {
        var index = Classes.Select((label, i) => (label, i)).ToDictionary(pair => pair.label, pair => pair.i, StringComparer.Ordinal);
        return [.. Labels.Select(label => index[label])];
    }

    /// <summary>Images left out.</summary>
    public IReadOnlyList<SkippedImage> Skipped { get; }

    /// <summary>What makes the codes: store.json's content.</summary>
    public StoreHeader Header { get; }

    /// <summary>The proof of the cut that the codes were computed with; null where the store was opened or held all of them already.</summary>
    public CutProof? Proof { get; }

    /// <summary>The folder.</summary>
    public string Path { get; }

    /// <summary>The codes of the only column, read once.</summary>
    /// <exception cref="OnnxTransferException">As for <see cref="Column(string?, Pooling?)"/> and <see cref="Read(CodeColumn, IReadOnlyList{int}?)"/>.</exception>
    public CodeMatrix Matrix => matrix.Value;

    /// <summary>Opens a finished store for reading.</summary>
    /// <exception cref="OnnxTransferException">
    /// <see cref="FailureKind.Data"/>: no store, not finished, or damaged; <see cref="FailureKind.Machine"/>: it cannot be read.
    /// </exception>
    public static Codes Open(string store)
    {
        ArgumentException.ThrowIfNullOrEmpty(store);
        return Open(store, null, temporary: false);
    }

    /// <summary>The column of a tap (tensor name, node name or alias) and pooling; null where that leaves one only.</summary>
    /// <exception cref="OnnxTransferException"><see cref="FailureKind.Usage"/>: none, or several; the columns are listed.</exception>
    public CodeColumn Column(string? tap, Pooling? pooling)
    {
        var tensor = tap is null || Columns.Any(column => column.Tap == tap) ? tap : Header.Aliases.GetValueOrDefault(tap, tap);
        var found = Columns.Where(column => (tensor is null || column.Tap == tensor) && (pooling is null || column.Pooling == pooling)).ToArray();
        if (found.Length == 1)
        {
            return found[0];
        }

        var asked = $"{tap ?? "any tap"} and {pooling?.ToText() ?? "any pooling"}";
        throw new OnnxTransferException(
            FailureKind.Usage,
            $"The store {Path} has {(found.Length == 0 ? "no column" : "several columns")} for {asked}; choose one of {string.Join(", ", Columns.Select(column => column.Key))}.");
    }

    /// <summary>
    /// The columns to join: of every tap the one with its pooling, where one pooling may go with all taps or one tap with all poolings; null:
    /// as for <see cref="Column(string?, Pooling?)"/>.
    /// </summary>
    /// <exception cref="OnnxTransferException"><see cref="FailureKind.Usage"/>: none or several for a tap; as many poolings as go with neither; one named twice.</exception>
    public IReadOnlyList<CodeColumn> Join(IReadOnlyList<string>? taps, IReadOnlyList<Pooling>? poolings)
    {
        string?[] names = taps is null ? [null] : [.. taps];
        Pooling?[] ways = poolings is null ? [null] : [.. poolings.Cast<Pooling?>()];
        CodeColumn[] columns = [.. JoinedTaps.Pairs(names, ways).Select(pair => Column(pair.Name, pair.Pooling))];
        JoinedTaps.RequireDifferent(columns.Select(static column => column.Key));
        return columns;
    }

    /// <summary>The column of a tap.</summary>
    /// <exception cref="OnnxTransferException"><see cref="FailureKind.Usage"/>: none; the columns are listed.</exception>
    public CodeColumn Column(Tap tap)
    {
        ArgumentNullException.ThrowIfNull(tap);
        return Column(tap.Point.Name, tap.Pooling);
    }

    /// <summary>The codes of a column: rows x D, in the order of <paramref name="rows"/>, or of <see cref="Ids"/> where that is null.</summary>
    /// <inheritdoc cref="Read(IReadOnlyList{CodeColumn}, IReadOnlyList{int}?)"/>
    public CodeMatrix Read(CodeColumn column, IReadOnlyList<int>? rows = null)
    {
        ArgumentNullException.ThrowIfNull(column);
        return Read([column], rows);
    }

    /// <summary>
    /// The codes of several columns, in each row one behind the other: rows x D, in the order of <paramref name="rows"/>, or of
    /// <see cref="Ids"/> where that is null, with D the sum of the widths.
    /// </summary>
    /// <exception cref="OnnxTransferException">
    /// <see cref="FailureKind.Data"/>: a block is damaged; <see cref="FailureKind.Machine"/>: more numbers than fit into one matrix.
    /// </exception>
    /// <exception cref="ArgumentOutOfRangeException">A row or column that the store does not have.</exception>
    public CodeMatrix Read(IReadOnlyList<CodeColumn> columns, IReadOnlyList<int>? rows = null)
    {
        ArgumentNullException.ThrowIfNull(columns);
        ObjectDisposedException.ThrowIf(disposed, this);
        var (all, width, count) = (Columns.ToList(), columns.Sum(static column => (long)column.Width), rows?.Count ?? Ids.Count);
        var indices = columns.Select(column => all.IndexOf(column)).ToArray();
        ArgumentOutOfRangeException.ThrowIfLessThan(indices.DefaultIfEmpty(-1).Min(), 0, nameof(columns));
        if (count * width > Array.MaxLength)
        {
            throw new OnnxTransferException(
                FailureKind.Machine, $"{count:N0} codes of {width:N0} numbers do not fit into one matrix; read fewer rows at a time.");
        }

        var values = new float[count * width];
        var free = values.AsSpan();
        var block = 0;
        for (var i = 0; i < count; i++)
        {
            var row = rows?[i] ?? i;
            ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual((uint)row, (uint)Ids.Count, nameof(rows));
            block = BlockOf(row, block);
            Check(block);
            foreach (var index in indices)
            {
                var code = blocks[block].Block.Code(index, row - firstRows[block]);
                code.CopyTo(free);
                free = free[code.Length..];
            }
        }

        return new CodeMatrix(values, count, (int)width);
    }

    /// <summary>Checks the SHA-256 of every block.</summary>
    /// <exception cref="OnnxTransferException"><see cref="FailureKind.Data"/>: a block is damaged.</exception>
    public void Verify()
    {
        ObjectDisposedException.ThrowIf(disposed, this);
        for (var block = 0; block < blocks.Count; block++)
        {
            Check(block);
        }
    }

    /// <summary>Lets go of the files, and of a temporary folder.</summary>
    public void Dispose()
    {
        if (disposed)
        {
            return;
        }

        disposed = true;
        foreach (var (block, _) in blocks)
        {
            block.Dispose();
        }

        if (temporary)
        {
            Directory.Delete(Path, recursive: true);
        }
    }

    /// <summary>Opens what an extraction has just finished.</summary>
    internal static Codes Open(string store, CutProof? proof, bool temporary) =>
        new(new StoreFolder(System.IO.Path.GetFullPath(store)), proof, temporary);

    // Rows mostly come in order: the block of the last one is tried first.
    private int BlockOf(int row, int guess)
    {
        if (row >= firstRows[guess] && row < firstRows[guess + 1])
        {
            return guess;
        }

        var (low, high) = (0, blocks.Count - 1);
        while (low < high)
        {
            var middle = (low + high) / 2;
            (low, high) = row < firstRows[middle + 1] ? (low, middle) : (middle + 1, high);
        }

        return low;
    }

    private void Check(int block)
    {
        if (Volatile.Read(ref verified[block]))
        {
            return;
        }

        if (!blocks[block].Block.HasHash(blocks[block].Sha256))
        {
            throw CodeBlock.Damaged(blocks[block].Block.Path);
        }

        Volatile.Write(ref verified[block], true);
    }
}
