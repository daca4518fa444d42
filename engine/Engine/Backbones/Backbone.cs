using OnnxTransfer.Datasets;
using OnnxTransfer.Heads;
using OnnxTransfer.Imaging;
using OnnxTransfer.Onnx;

namespace OnnxTransfer.Engine;

/// <summary>How a backbone is loaded.</summary>
public sealed record BackboneOptions
{
    /// <summary>The recipe; null: looked for beside the model, in it, and in the table of known models.</summary>
    public Recipe? Recipe { get; init; }

    /// <summary>The image size in pixels; null: the recipe's.</summary>
    public int? Size { get; init; }

    /// <summary>What the network runs on.</summary>
    public ExecutionProvider Provider { get; init; } = ExecutionProvider.Cpu;
}

/// <summary>A pretrained network, ready to be tapped; safe to use from several threads.</summary>
public sealed class Backbone : IDisposable
{
    private const int LargestSize = 16384;

    private readonly Dictionary<string, CodeNetwork> networks = new(StringComparer.Ordinal);
    private readonly Lock gate = new();
    private bool disposed;

    private Backbone(OnnxModel model, Recipe recipe, TapCatalog taps, ExecutionProvider provider) =>
        (Model, Recipe, Taps, Provider) = (model, recipe, taps, provider);

    /// <summary>The prepared model.</summary>
    public OnnxModel Model { get; }

    /// <summary>How photos become its input, at the chosen size.</summary>
    public Recipe Recipe { get; }

    /// <summary>What can be tapped.</summary>
    public TapCatalog Taps { get; }

    /// <summary>What it runs on.</summary>
    public ExecutionProvider Provider { get; }

    /// <summary>
    /// Loads a model file. Its recipe is, in this order: <see cref="BackboneOptions.Recipe"/>, the file NAME.recipe.json
    /// beside NAME.onnx, the metadata entry <c>onnxtransfer.recipe</c>, the table of known models.
    /// </summary>
    /// <exception cref="OnnxTransferException">
    /// <see cref="FailureKind.Model"/>: no ONNX model, not for images, no recipe, a recipe for another layout, or not for
    /// the chosen size; <see cref="FailureKind.Usage"/>: a size below 1; <see cref="FailureKind.Machine"/>: a file that
    /// cannot be read, a provider that cannot be had here.
    /// </exception>
    public static Backbone Load(string path, BackboneOptions? options = null)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        options ??= new BackboneOptions();
        if (options.Size is < 1 or > LargestSize)
        {
            throw new OnnxTransferException(
                FailureKind.Usage, $"The image size {options.Size} is impossible; give one from 1 to {LargestSize} pixels.");
        }

        Runtime.Require(options.Provider);
        var source = OnnxModel.Read(path);
        var prepared = Preparation.Prepare(source);
        var input = ImageInput.Of(new Graph(prepared));
        var recipe = RecipeSearch.Find(source, options.Recipe);
        if (recipe.Layout != input.Layout)
        {
            throw new OnnxTransferException(
                FailureKind.Model,
                $"The recipe gives {recipe.Layout}, but the input '{input.Name}' of {source.Name} is {input.Layout}; write "
                + $"\"layout\": \"{input.Layout}\" in the recipe.");
        }

        recipe = options.Size is { } size && size != recipe.Size ? recipe.WithSize(size) : recipe;
        return new Backbone(prepared, recipe, TapCatalog.Of(prepared, recipe.Size), options.Provider);
    }

    /// <summary>Loads the ResNet-18 that lies in models/ beside the application.</summary>
    /// <exception cref="OnnxTransferException">
    /// <see cref="FailureKind.Machine"/>: it is not there; and as for <see cref="Load"/>.
    /// </exception>
    public static Backbone Default(BackboneOptions? options = null) => Load(EmbeddedModel.Path(), options);

    /// <summary>A tap by tensor name, node name or alias.</summary>
    /// <exception cref="OnnxTransferException"><see cref="FailureKind.Model"/>: no such tap; the nearest names are given.</exception>
    public Tap Tap(string name, Pooling pooling = Pooling.Average) => new(Taps.Find(name), pooling);

    /// <summary>Taps whose codes stand one behind the other, by their names and poolings: one pooling may go with all taps, or one tap with all poolings.</summary>
    /// <exception cref="OnnxTransferException">
    /// As for <see cref="Tap"/>; <see cref="FailureKind.Usage"/>: names and poolings do not go together, or a tap is named twice.
    /// </exception>
    public JoinedTaps Join(IReadOnlyList<string> names, IReadOnlyList<Pooling> poolings)
    {
        ArgumentNullException.ThrowIfNull(names);
        ArgumentNullException.ThrowIfNull(poolings);
        return new JoinedTaps([.. JoinedTaps.Pairs(names, poolings).Select(pair => Tap(pair.Name, pair.Pooling))]);
    }

    /// <summary>
    /// Cuts the network at the deepest of <paramref name="taps"/>, appends the poolings and proves on a probe batch that
    /// the result computes what the full network does; <see cref="Extract(LabelledImages, IReadOnlyList{Tap}, string?, ExtractionOptions?, IProgress{ExtractionProgress}?, CancellationToken)"/>
    /// does so by itself before the first image. Done once for the same taps and batch.
    /// </summary>
    /// <param name="taps">What is tapped.</param>
    /// <param name="batch">Images per run: <see cref="ExtractionOptions.Batch"/>.</param>
    /// <exception cref="OnnxTransferException">
    /// <see cref="FailureKind.Mathematics"/>: the difference is above the tolerance; <see cref="FailureKind.Model"/>: ONNX
    /// Runtime cannot run it; <see cref="FailureKind.Machine"/>: no native library.
    /// </exception>
    public CutProof Prove(IReadOnlyList<Tap> taps, int batch = 1) => Network(taps, batch).Proof;

    /// <summary>Codes of all images at one tap.</summary>
    /// <inheritdoc cref="Extract(LabelledImages, IReadOnlyList{Tap}, string?, ExtractionOptions?, IProgress{ExtractionProgress}?, CancellationToken)"/>
    public Codes Extract(LabelledImages images, Tap tap, string? store = null, ExtractionOptions? options = null, IProgress<ExtractionProgress>? progress = null, CancellationToken cancellation = default) =>
        Extract(images, [tap], store, options, progress, cancellation);

    /// <summary>
    /// Codes of all images at several taps, in one pass. Nothing is computed whose image content is in the store already.
    /// </summary>
    /// <param name="images">The images.</param>
    /// <param name="taps">What is tapped; one that is named twice counts once.</param>
    /// <param name="store">The store's folder, made or gone on with; null: a temporary folder that goes with the result.</param>
    /// <param name="options">How.</param>
    /// <param name="progress">Told now and then, from several threads, how far it is.</param>
    /// <param name="cancellation">Stops; what is computed stays in the store.</param>
    /// <exception cref="OnnxTransferException">
    /// <see cref="FailureKind.Usage"/>: no tap, options out of range, a folder that is no store;
    /// <see cref="FailureKind.Data"/>: no image, too many bad images, a store that other codes are in, or images that are not in the set;
    /// <see cref="FailureKind.Mathematics"/>: the proof of the cut fails, codes that are not finite;
    /// <see cref="FailureKind.Machine"/>: the store cannot be written or another process writes it;
    /// <see cref="FailureKind.Interrupted"/>: stopped by <paramref name="cancellation"/>.
    /// </exception>
    public Codes Extract(LabelledImages images, IReadOnlyList<Tap> taps, string? store = null, ExtractionOptions? options = null, IProgress<ExtractionProgress>? progress = null, CancellationToken cancellation = default)
    {
        ObjectDisposedException.ThrowIf(disposed, this);
        return Extraction.Run(this, images, Distinct(taps), store, options ?? new ExtractionOptions(), progress, cancellation);
    }

    /// <summary>Writes cut backbone + pooling + head + softmax as one .onnx.</summary>
    public void Export(Tap tap, LinearHead head, string path) => Export(new JoinedTaps(tap), head, path);

    /// <summary>The same with a head on codes that are joined.</summary>
    public void Export(JoinedTaps taps, LinearHead head, string path) => ModelExport.Write(this, taps, head, path);

    /// <summary>Closes the sessions.</summary>
    public void Dispose()
    {
        lock (gate)
        {
            disposed = true;
            foreach (var network in networks.Values)
            {
                network.Dispose();
            }

            networks.Clear();
        }
    }

    /// <summary>The cut network of these taps, made and proved at the first call.</summary>
    /// <param name="taps">What is tapped.</param>
    /// <param name="batch">Images per run.</param>
    /// <param name="provider">What runs it; null: <see cref="Provider"/>.</param>
    internal CodeNetwork Network(IReadOnlyList<Tap> taps, int batch, ExecutionProvider? provider = null)
    {
        var distinct = Distinct(taps);
        provider ??= Provider;
        var key = string.Join('\n', distinct.Select(tap => tap.Key).Prepend($"{batch} {provider.Name}"));
        lock (gate)
        {
            ObjectDisposedException.ThrowIf(disposed, this);
            if (!networks.TryGetValue(key, out var network))
            {
                networks[key] = network = CodeNetwork.Make(Taps, Recipe, distinct, batch, provider: provider);
            }

            return network;
        }
    }

    private static Tap[] Distinct(IReadOnlyList<Tap> taps)
    {
        ArgumentNullException.ThrowIfNull(taps);
        return taps.Count > 0
            ? [.. taps.DistinctBy(tap => tap.Key)]
            : throw new OnnxTransferException(FailureKind.Usage, "No tap is named; give at least one.");
    }
}
