using OnnxTransfer.Datasets;
using OnnxTransfer.Onnx;

namespace OnnxTransfer.Engine;

/// <summary>From images to a store, block after block.</summary>
internal static class Extraction
{
    private const long LargestBlock = 256L << 20;

    /// <summary>Extracts all images into the store and opens it.</summary>
    /// <exception cref="OnnxTransferException">As for <see cref="Backbone.Extract(LabelledImages, IReadOnlyList{Tap}, string?, ExtractionOptions?, IProgress{ExtractionProgress}?, CancellationToken)"/>.</exception>
    public static Codes Run(
        Backbone backbone,
        LabelledImages images,
        IReadOnlyList<Tap> taps,
        string? store,
        ExtractionOptions options,
        IProgress<ExtractionProgress>? progress,
        CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(images);
        options.Check();
        if (images.Count == 0)
        {
            throw new OnnxTransferException(FailureKind.Data, $"There is no image in {images.Source}; nothing can be extracted.");
        }

        if (store is not null)
        {
            return Codes.Open(store, Fill(backbone, images, taps, store, options, progress, cancellation), temporary: false);
        }

        var folder = TemporaryFolder();
        try
        {
            return Codes.Open(folder, Fill(backbone, images, taps, folder, options, progress, cancellation), temporary: true);
        }
        catch (OnnxTransferException e) when (e.Kind == FailureKind.Interrupted)
        {
            Directory.Delete(folder, recursive: true);
            throw new OnnxTransferException(FailureKind.Interrupted, "Stopped; these codes were to be temporary, and none of them is kept.", e);
        }
        catch
        {
            Directory.Delete(folder, recursive: true);
            throw;
        }
    }

    private static CutProof? Fill(
        Backbone backbone,
        LabelledImages images,
        IReadOnlyList<Tap> taps,
        string store,
        ExtractionOptions options,
        IProgress<ExtractionProgress>? progress,
        CancellationToken cancellation)
    {
        var header = Header(backbone, taps, options);
        using var writer = StoreWriter.Open(store, header);
        try
        {
            writer.RequireAll(images, cancellation);
        }
        catch (OperationCanceledException)
        {
            throw Stopped(0, images, store);
        }

        // A store that holds every code already needs no session, and no proof.
        var network = new Lazy<CodeNetwork>(() => backbone.Network(taps, options.Batch));
        var tally = new Tally(images, options.MaxBadShare, progress);
        using var workers = new Workers(network, backbone.Recipe, options, writer, tally);
        var capacity = BlockCapacity(header.Columns, Math.Min(options.BlockRows, images.Count));
        var rows = new BlockRows(header.Columns, capacity);
        var (skipped, block) = (new List<SkippedImage>(), 0);
        for (var first = 0; first < images.Count; first += capacity, block++)
        {
            var count = Math.Min(capacity, images.Count - first);
            var filled = workers.Fill(rows, images, first, count, cancellation);
            if (filled.Count < count)
            {
                rows.Keep(row => row < filled.Count && filled.Computed[row]);
                if (rows.Count > 0)
                {
                    writer.Keep(block, rows);
                }

                throw Stopped(first + filled.Count, images, store);
            }

            skipped.AddRange(Enumerable.Range(0, count).Where(row => filled.Reasons[row] is not null)
                .Select(row => new SkippedImage(rows.Ids[row], filled.Reasons[row]!)));
            rows.Keep(row => filled.Reasons[row] is null);
            writer.Seal(block, rows);
        }

        if (skipped.Count == images.Count)
        {
            throw new OnnxTransferException(
                FailureKind.Data, $"None of the {images.Count:N0} images of {images.Source} can be used; the first: {skipped[0].Reason}");
        }

        writer.Finish(block, skipped);
        tally.ReportEnd();
        return network.IsValueCreated ? network.Value.Proof : null;
    }

    private static OnnxTransferException Stopped(int done, LabelledImages images, string store) => new(
        FailureKind.Interrupted,
        $"Stopped after {done:N0} of {images.Count:N0} images, whose codes the store {store} keeps; run it again with the same store and it goes on from there.");

    private static StoreHeader Header(Backbone backbone, IReadOnlyList<Tap> taps, ExtractionOptions options) => new()
    {
        Model = backbone.Model.Name,
        ModelSha256 = backbone.Model.Sha256,
        ModelPath = backbone.Model.Path is null ? null : Path.GetFullPath(backbone.Model.Path),
        Recipe = backbone.Recipe,
        Columns = [.. taps.Select(tap => new CodeColumn(tap.Point.Name, tap.Pooling, tap.Width))],
        Aliases = OtherNames(new Graph(backbone.Taps.Model), taps),
        Batch = options.Batch,
        AllowTruncated = options.AllowTruncated,
        Runtime = Runtime.Version,
        Provider = backbone.Provider.RegisteredName,
        Decoder = options.Decoder.Name,
    };

    // The names under which a catalogue finds the tensors: a node's comes before an alias, and a tensor's before both.
    private static SortedDictionary<string, string> OtherNames(Graph graph, IReadOnlyList<Tap> taps)
    {
        var names = new SortedDictionary<string, string>(StringComparer.Ordinal);
        foreach (var point in taps.Select(tap => tap.Point).DistinctBy(point => point.Name))
        {
            foreach (var alias in point.Aliases)
            {
                names.TryAdd(alias, point.Name);
            }

            if (graph.Producer(point.Name) is { Name.Length: > 0 } node && node.Output.Count(output => output.Length > 0) == 1 && !graph.Contains(node.Name))
            {
                names[node.Name] = point.Name;
            }
        }

        return names;
    }

    // A block is held in memory while it is filled, and mapped as a whole when it is read.
    private static int BlockCapacity(IReadOnlyList<CodeColumn> columns, int wanted)
    {
        var bytes = columns.Sum(column => (long)column.Width * sizeof(float));
        return (int)Math.Clamp(LargestBlock / bytes, 1, wanted);
    }

    private static string TemporaryFolder()
    {
        try
        {
            return Directory.CreateTempSubdirectory("onnxtransfer-codes-").FullName;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw WholeFile.CannotWrite(Path.GetTempPath(), e);
        }
    }
}
