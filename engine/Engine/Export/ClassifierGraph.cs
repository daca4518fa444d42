using OnnxTransfer.Heads;
using OnnxTransfer.Imaging;
using OnnxTransfer.Onnx;
using OnnxTransfer.Onnx.Protos;
using Dimension = OnnxTransfer.Onnx.Protos.TensorShapeProto.Types.Dimension;

namespace OnnxTransfer.Engine;

/// <summary>The graph that is exported.</summary>
internal static class ClassifierGraph
{
    /// <summary>The tensor with the codes, where their pooling makes one of its own.</summary>
    public const string Codes = "codes";

    /// <summary>
    /// The backbone up to its taps, their poolings, joined where there are several, the head and the softmax: image input [N, ...] to logits and probabilities
    /// [N, K], with metadata that say what it is.
    /// </summary>
    /// <param name="catalog">The prepared backbone and its input.</param>
    /// <param name="recipe">The size and layout that the input is declared with.</param>
    /// <param name="taps">Where it is cut.</param>
    /// <param name="head">What is applied to the codes.</param>
    /// <param name="notes">What is known about the data.</param>
    /// <exception cref="OnnxTransferException"><see cref="FailureKind.Mathematics"/>: a number of the head is not finite.</exception>
    public static OnnxModel Make(TapCatalog catalog, Recipe recipe, JoinedTaps taps, LinearHead head, ExportNotes? notes)
    {
        var builder = new GraphBuilder(Trimmed(catalog, recipe, taps));
        var pooled = taps.Taps.Select(tap => PoolingGraph.Append(
            builder, tap.Point.Name, tap.Point.Shape, tap.Pooling, taps.Taps.Count == 1 ? Codes : tap.Key, tap.Point.Channels).Name).ToArray();
        HeadNodes.Append(builder, pooled is [var codes] ? codes : builder.Add("Concat", pooled, Codes, ("axis", 1L)), head);
        builder.SetMetadata(ModelMetadata.Tap, ModelMetadata.WriteTap(taps));
        builder.SetMetadata(ModelMetadata.Provenance, ModelMetadata.WriteProvenance(catalog.Model, head, notes));

        // Entries that every reader asks for come last in the file, so that a file cut off at any byte is noticed.
        builder.SetMetadata(ModelMetadata.Labels, ModelMetadata.WriteLabels(head.Labels));
        builder.SetMetadata(ModelMetadata.Recipe, recipe.ToJson());
        return builder.Build();
    }

    /// <summary>The cut model with the declared input, without what was said about the whole of the source.</summary>
    private static OnnxModel Trimmed(TapCatalog catalog, Recipe recipe, JoinedTaps taps)
    {
        var cut = Cut.At(catalog.Model, [.. taps.Taps.Select(static tap => tap.Point.Name).Distinct()]);
        var proto = cut.Proto.Clone();
        proto.ProducerName = "OnnxTransfer";
        proto.ProducerVersion = ModelMetadata.ToolVersion;
        proto.ClearDomain();
        proto.ClearModelVersion();
        proto.ClearDocString();
        proto.Graph.ValueInfo.Clear();
        foreach (var entry in proto.MetadataProps.Where(entry => !ModelMetadata.Survives(entry.Key)).ToList())
        {
            proto.MetadataProps.Remove(entry);
        }

        var images = proto.Graph.Input.Single(value => value.Name == catalog.Input.Name).Type.TensorType;
        long[] sides = recipe.Layout == TensorLayout.NCHW ? [3, recipe.Size, recipe.Size] : [recipe.Size, recipe.Size, 3];
        images.Shape = new TensorShapeProto
        {
            Dim = { new Dimension { DimParam = HeadNodes.Batch }, sides.Select(side => new Dimension { DimValue = side }) },
        };
        return cut.WithProto(proto);
    }
}
