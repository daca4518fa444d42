using System.Text.Json.Nodes;
using OnnxTransfer.Engine;
using OnnxTransfer.Onnx;

namespace OnnxTransfer.FineTuning;

/// <summary>The fine-tuned network as one .onnx: in the operator set of the pretrained one, for inference alone.</summary>
internal static class TunedModel
{
    /// <summary>The metadata entry that says how it was fine-tuned: JSON.</summary>
    public const string Metadata = "onnxtransfer.training";

    /// <summary>
    /// The classifier that training began with, with the learned weights and statistics in the place of its own, batch
    /// normalisations folded and dropouts left out.
    /// </summary>
    /// <param name="classifier">The classifier, with image input, recipe, labels and provenance.</param>
    /// <param name="learned">What was learned, by the names of its initializers.</param>
    /// <param name="training">How, for the metadata.</param>
    public static OnnxModel Make(OnnxModel classifier, IReadOnlyDictionary<string, float[]> learned, JsonObject training)
    {
        var proto = classifier.Proto.Clone();
        StoredWeights.Replace(proto.Graph, learned);
        var builder = new GraphBuilder(InferenceForm.Of(classifier.WithProto(proto)));
        builder.SetMetadata(Metadata, training.ToJsonString());

        // Entries that every reader asks for come last in the file, so that a file cut off at any byte is noticed.
        var model = builder.Build().Proto.Clone();
        foreach (var key in new[] { ModelMetadata.Labels, ModelMetadata.Recipe })
        {
            var entry = model.MetadataProps.Single(entry => entry.Key == key);
            model.MetadataProps.Remove(entry);
            model.MetadataProps.Add(entry);
        }

        return classifier.WithProto(model);
    }
}
