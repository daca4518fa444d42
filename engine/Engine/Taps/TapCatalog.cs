using OnnxTransfer.Onnx;
using static OnnxTransfer.Onnx.Protos.TensorProto.Types;

namespace OnnxTransfer.Engine;

/// <summary>Everything that can be tapped in a prepared model at an image size.</summary>
public sealed class TapCatalog
{
    /// <summary>ImageNet's usual size, for models whose sides are symbolic.</summary>
    private const int UsualSize = 224;

    private const int NamesInMessages = 5;
    private const int FewestEnds = 3;
    private readonly GraphShapes shapes;
    private readonly Costs costs;
    private readonly ImageFlow flow;
    private readonly ShownTaps shown;
    private readonly Dim batch;
    private readonly IReadOnlyList<(string Alias, string Tensor)> aliases;
    private readonly Lazy<TapCatalog> atUsualSize;

    private TapCatalog(OnnxModel model, ImageInput input, int size, Dim batch, Func<TapCatalog> atUsualSize)
    {
        (Model, Input, Size, this.batch, this.atUsualSize) = (model, input, size, batch, new Lazy<TapCatalog>(atUsualSize));
        var graph = new Graph(model);
        shapes = ShapeInference.Infer(graph, new Dictionary<string, TensorShape> { [input.Name] = input.Shape(batch, size) });
        costs = new Costs(shapes);
        flow = new ImageFlow(shapes, input);
        var results = graph.Outputs.Select(o => o.Name).Where(flow.Carries).ToList();
        if (results.Count == 0)
        {
            throw new OnnxTransferException(
                FailureKind.Model, $"{model.Name} has no output that depends on its image input '{input.Name}'; export it again.");
        }

        // With several results (auxiliary heads) the network is what the costliest of them needs.
        var path = new MainPath(graph, flow, input.Name, results.MaxBy(costs.UpTo)!);
        shown = new ShownTaps(shapes, flow, path);
        aliases = Aliases.Of(shapes, flow, path, Classifier.Of(shapes, flow, path), shown.Has);
        var listed = aliases.Select(a => a.Tensor).Concat(results).ToHashSet(StringComparer.Ordinal);
        Points = [.. graph.Nodes.SelectMany(n => n.Output)
            .Where(t => t.Length > 0 && (listed.Contains(t) || (shown.Has(t) && costs.UpTo(t) > 0)) && WhyNot(t) is null)
            .Select(Point)];
    }

    /// <summary>The prepared model whose graph can be cut at the points; its image input has the size <see cref="Size"/> or symbolic sides.</summary>
    public OnnxModel Model { get; }

    /// <summary>The image input.</summary>
    public ImageInput Input { get; }

    /// <summary>The image size that the shapes are for.</summary>
    public int Size { get; }

    /// <summary>
    /// The tap points worth choosing from, in the graph's order: after activations, ends of blocks, poolings, results.
    /// <see cref="Find"/> knows the other tensors too.
    /// </summary>
    public IReadOnlyList<TapPoint> Points { get; }

    /// <summary>
    /// Those of <see cref="Points"/> at which something is finished, for a study of layers: ends of stages and of blocks (joins of
    /// branches, with the activation that follows), poolings, and what the classifier reads; its scores are not among them.
    /// All points but scores where a network has fewer than three of them.
    /// </summary>
    public IReadOnlyList<TapPoint> Ends
    {
        get
        {
            TapPoint[] codes = [.. Points.Where(point => !IsScores(point))];
            TapPoint[] ends = [.. codes.Where(point => point.Aliases.Count > 0 || shown.IsEnd(point.Name))];
            return ends.Length < FewestEnds ? codes : ends;
        }
    }

    /// <summary>
    /// Those of <see cref="Points"/> among which a fit chooses by itself: <c>stage1</c>, <c>stage2</c>, ..., and <c>penultimate</c>.
    /// The penultimate alone where the network has no stages.
    /// </summary>
    public IReadOnlyList<TapPoint> StageEnds => [.. Points.Where(static point => point.Aliases.Any(Aliases.IsStageEnd))];

    /// <summary>
    /// What the image size takes from <see cref="StageEnds"/>, a sentence with the reason: those that images of the exported size, or of
    /// 224 pixels where the sides are symbolic, would have. Null: nothing.
    /// </summary>
    public string? LostStages
    {
        get
        {
            if (aliases.All(a => !Aliases.IsStageEnd(a.Alias) || WhyImpossible(a.Tensor) is null))
            {
                return null;
            }

            (string Alias, string Tensor)[] lost = [.. atUsualSize.Value.aliases.Where(a => Aliases.IsStageEnd(a.Alias) && WhyImpossible(a.Tensor) is not null)];
            return lost is [var first, ..] ? $"{Listed([.. lost.Select(static a => a.Alias)])} {WhyImpossible(first.Tensor)}, so they are left out; another size has them." : null;
        }
    }

    /// <summary>Reads a model file and lists its tap points; no recipe is needed.</summary>
    /// <param name="path">The .onnx file.</param>
    /// <param name="size">Height and width of the images; null: the exported size, or 224 where the sides are symbolic.</param>
    /// <exception cref="OnnxTransferException">As for <see cref="OnnxModel.Read"/> and <see cref="Of"/>.</exception>
    public static TapCatalog Read(string path, int? size = null)
    {
        var prepared = Preparation.Prepare(OnnxModel.Read(path));
        return Of(prepared, size ?? ImageInput.Of(new Graph(prepared)).Size ?? UsualSize);
    }

    /// <summary>Lists the tap points of a model that <see cref="Preparation.Prepare"/> made.</summary>
    /// <param name="prepared">The model.</param>
    /// <param name="size">
    /// Height and width of the images. Where the model was exported for another size the input's sides become symbolic; what
    /// comes after a node that the size is built into cannot be tapped then.
    /// </param>
    /// <exception cref="OnnxTransferException">
    /// <see cref="FailureKind.Model"/>: the model does not take one input of RGB images; <see cref="FailureKind.Usage"/>: a
    /// size below 1.
    /// </exception>
    public static TapCatalog Of(OnnxModel prepared, int size)
    {
        ArgumentNullException.ThrowIfNull(prepared);
        if (size < 1)
        {
            throw new OnnxTransferException(FailureKind.Usage, $"The image size {size} is no size; give the pixels of a side, such as 224.");
        }

        var graph = new Graph(prepared);
        var input = ImageInput.Of(graph);
        var declared = graph.Inputs[0].Type.TensorType.Shape.Dim;
        var batch = declared[0].HasDimParam && declared[0].DimParam.Length > 0 ? Dim.Named(declared[0].DimParam) : Dim.Named("N");
        var sides = new[] { declared[input.SpatialAxes.Height], declared[input.SpatialAxes.Width] };
        var fits = sides.All(d => !d.HasDimValue || d.DimValue == size);
        return new(fits ? prepared : SizeFree.Of(prepared, input), input, size, batch, () => Of(prepared, input.Size ?? UsualSize));
    }

    /// <summary>The tap point of a tensor name, a node name (of a node with one output) or an alias.</summary>
    /// <exception cref="OnnxTransferException"><see cref="FailureKind.Model"/>: none; the nearest legal names are given, or why the tensor cannot be tapped.</exception>
    public TapPoint Find(string name)
    {
        ArgumentNullException.ThrowIfNull(name);
        var tensor = Tensor(name) ?? throw Unknown(name);
        return WhyNot(tensor) is { } reason
            ? throw Refused($"The tap {(tensor == name ? name : $"{name} ({tensor})")} {reason}.")
            : Points.FirstOrDefault(p => p.Name == tensor) ?? Point(tensor);
    }

    /// <summary>The share of the whole network's multiply-accumulates that joined taps need together, 0..100.</summary>
    public double CostPercent(JoinedTaps taps)
    {
        ArgumentNullException.ThrowIfNull(taps);
        return costs.PercentUpTo([.. taps.Taps.Select(static tap => tap.Point.Name)]);
    }

    /// <summary>Whether a point is the classifier's scores or probabilities.</summary>
    private bool IsScores(TapPoint point)
    {
        if (point is { Op: "Softmax" or "LogSoftmax", Stride: null })
        {
            return true;
        }

        var logits = aliases.FirstOrDefault(a => a.Alias == Aliases.Logits).Tensor;
        return logits is not null && (point.Name == logits || shapes.Graph.Ancestors(point.Name).Contains(shapes.Graph.Producer(logits)!));
    }

    private string? Tensor(string name)
    {
        if (shapes.Graph.Contains(name))
        {
            return name;
        }

        var node = shapes.Graph.Nodes.FirstOrDefault(n => n.Name == name && n.Output.Count(o => o.Length > 0) == 1);
        return node?.Output.First(o => o.Length > 0) ?? aliases.FirstOrDefault(a => a.Alias == name).Tensor;
    }

    private TapPoint Point(string tensor)
    {
        var shape = shapes.Shape(tensor)!;
        var stride = shape.Rank == 2 ? null : flow.Stride(tensor);
        return new(
            tensor,
            [.. aliases.Where(a => a.Tensor == tensor).Select(a => a.Alias)],
            shapes.Graph.Producer(tensor)!.OpType,
            shape,
            (int)shape[flow.ChannelAxis(tensor)].Value!.Value,
            stride is { } pixels ? (int)Math.Round(pixels) : null,
            costs.PercentUpTo(tensor))
        {
            ReceptiveField = flow.Field(tensor) is { } field ? (int)Math.Ceiling(field) : null,
        };
    }

    // What keeps a tensor from being a tap, as the end of a sentence; null where nothing does.
    private string? WhyNot(string tensor)
    {
        if (WhyImpossible(tensor) is { } impossible)
        {
            return $"{impossible}; use another size or an earlier tap";
        }

        if (shapes.Graph.Producer(tensor) is not { } node || !flow.Carries(tensor))
        {
            return tensor == Input.Name
                ? "is the image itself; choose a tensor that a node makes"
                : "does not depend on the image; choose another";
        }

        if (shapes.Shape(tensor) is not { } shape)
        {
            var open = shapes.Graph.Ancestors(tensor)
                .FirstOrDefault(n => n.Output.Any(o => flow.Carries(o) && shapes.Shape(o) is null)) ?? node;
            return "has a shape that cannot be known before it runs, because of "
                + $"{shapes.Graph.DisplayName(open)} ({open.OpType}); choose an earlier tap";
        }

        if (shapes.Type(tensor) != DataType.Float)
        {
            return $"holds {shapes.Type(tensor).ToString().ToLowerInvariant()} numbers, not activations; choose another";
        }

        var flaw = shape.Rank is < 2 or > 4 ? "which is neither vectors nor tokens nor maps"
            : shape[0] != batch ? "whose first dimension is not the images"
            : shape[flow.ChannelAxis(tensor)].Value is not (> 0 and <= int.MaxValue) ? "whose number of channels is not known"
            : null;
        return flaw is null ? null : $"has the shape {shape}, {flaw}; choose another";
    }

    private string? WhyImpossible(string tensor) =>
        shapes.Impossible(tensor) is { } reason ? $"cannot be computed from images of {Size} x {Size} because {reason}" : null;

    private static string Listed(IReadOnlyList<string> names) =>
        names.Count == 1 ? names[0] : $"{string.Join(", ", names.Take(names.Count - 1))} and {names[^1]}";

    private OnnxTransferException Unknown(string name)
    {
        if (Aliases.WhyMissing(name, atUsualSize.Value.aliases) is { } reason)
        {
            if (atUsualSize.Value.aliases.FirstOrDefault(a => a.Alias == name).Tensor is { } lost && WhyNot(lost) is { } why)
            {
                return Refused($"The tap {name} ({lost}) {why}.");
            }

            return Refused($"{Model.Name} {reason}; `onnxtransfer taps` lists what can be tapped.");
        }

        if (shapes.Graph.Nodes.FirstOrDefault(n => n.Name == name) is { } node)
        {
            return Refused($"The node {name} of {Model.Name} has {node.Output.Count} outputs; name one of them: {string.Join(", ", node.Output)}.");
        }

        var legal = aliases.Select(a => a.Alias)
            .Concat(shapes.Graph.Nodes.SelectMany(n => n.Output.Append(n.Output.Count == 1 ? n.Name : "")))
            .Where(n => n.Length > 0 && Tensor(n) is { } tensor && WhyNot(tensor) is null);
        return Refused($"{Model.Name} has no tap '{name}'; the nearest names are {string.Join(", ", NearestNames.Of(name, legal, NamesInMessages))}.");
    }

    private static OnnxTransferException Refused(string sentence) => new(FailureKind.Model, sentence);
}
