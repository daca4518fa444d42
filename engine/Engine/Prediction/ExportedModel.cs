using OnnxTransfer.Imaging;
using OnnxTransfer.Onnx;
using OnnxTransfer.Onnx.Protos;

namespace OnnxTransfer.Engine;

/// <summary>What an exported model says about itself, checked against its graph before a runtime sees it.</summary>
/// <param name="Labels">The K classes.</param>
/// <param name="Recipe">How photos become the input.</param>
internal sealed record ExportedModel(IReadOnlyList<string> Labels, Recipe Recipe)
{
    /// <summary>Reads labels and recipe of a model that <see cref="ModelExport"/> wrote.</summary>
    /// <exception cref="OnnxTransferException">
    /// <see cref="FailureKind.Model"/>: made by something else, a head file, or entries that do not fit the graph.
    /// </exception>
    public static ExportedModel Of(OnnxModel model)
    {
        if (model.Metadata(ModelMetadata.Head) is not null)
        {
            throw Bad(model, "is a head file, which takes codes and not photos; `onnxtransfer export` joins it to its backbone");
        }

        var labels = ModelMetadata.ReadLabels(model)
            ?? throw Bad(model, "was not exported by OnnxTransfer (it names no classes); make a classifier of it with `onnxtransfer fit --model`");
        var json = model.Metadata(ModelMetadata.Recipe) ?? throw ModelMetadata.Damaged(model, ModelMetadata.Recipe, "is missing");
        var recipe = Recipe.Parse(json, $"in {model.Name}");
        var graph = new Graph(model);
        CheckInput(model, graph, recipe);
        CheckOutput(model, graph, labels.Count);
        return new ExportedModel(labels, recipe);
    }

    private static void CheckInput(OnnxModel model, Graph graph, Recipe recipe)
    {
        if (graph.Inputs is not [var input])
        {
            throw Bad(model, $"has {graph.Inputs.Count} inputs where an exported classifier has one, the photos; export it again");
        }

        var size = recipe.Size;
        long[] sides = recipe.Layout == TensorLayout.NCHW ? [3, size, size] : [size, size, 3];
        if (!IsBatchOf(input, sides))
        {
            throw Bad(
                model, $"takes {Describe(input)} at its input {input.Name}, which does not fit its recipe (N x {string.Join(" x ", sides)}); export it again");
        }
    }

    private static void CheckOutput(OnnxModel model, Graph graph, int classes)
    {
        var output = graph.Outputs.FirstOrDefault(output => output.Name == HeadNodes.Probabilities)
            ?? throw Bad(model, $"has no output '{HeadNodes.Probabilities}'; export it again");
        if (!IsBatchOf(output, classes))
        {
            throw Bad(model, $"names {classes} classes, but its probabilities are {Describe(output)}; export it again");
        }
    }

    /// <summary>Whether a tensor is float32 with any number of images of these dimensions.</summary>
    private static bool IsBatchOf(ValueInfoProto value, params long[] dims) =>
        value.Type?.TensorType is { ElemType: (int)TensorProto.Types.DataType.Float, Shape.Dim: [{ HasDimValue: false }, ..] }
        && value.Type.TensorType.Shape.Dim.Skip(1).Select(dim => dim.HasDimValue ? dim.DimValue : 0).SequenceEqual(dims);

    private static string Describe(ValueInfoProto value)
    {
        var dims = (value.Type?.TensorType?.Shape?.Dim ?? []).Select(dim => dim.HasDimValue ? $"{dim.DimValue}" : dim.HasDimParam ? dim.DimParam : "?");
        var type = (TensorProto.Types.DataType?)value.Type?.TensorType?.ElemType;
        return $"{string.Join(" x ", dims)} of {type?.ToString().ToLowerInvariant() ?? "no tensor"}";
    }

    private static OnnxTransferException Bad(OnnxModel model, string what) => new(FailureKind.Model, $"{model.Name} {what}.");
}
