using System.Text.Json.Nodes;
using OnnxTransfer.Engine;
using OnnxTransfer.Heads;
using OnnxTransfer.Onnx;

namespace OnnxTransfer.FineTuning;

/// <summary>The fine-tuned network as one .onnx: in the operator set of the pretrained one, for inference alone.</summary>
internal static class TunedModel
{
    /// <summary>The metadata entry that says how it was fine-tuned: JSON.</summary>
    public const string Metadata = "onnxtransfer.training";

    private const string Training = "training";

    // What the provenance tells of the training; the rest is in the entry above.
    private static readonly string[] Told = ["trainFrom", "fromScratch", "loss", "epochs", "bestEpoch", "optimizer", "rate"];

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
        builder.SetMetadata(ModelMetadata.Provenance, Provenance(classifier, training));

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

    /// <summary>A training, for the metadata.</summary>
    /// <param name="options">How it was trained.</param>
    /// <param name="updates">The updates.</param>
    /// <param name="best">The epoch that was kept, from 1; 0: the start; null: the last.</param>
    /// <param name="sources">What was learned from.</param>
    public static JsonObject Describe(FineTuneOptions options, long updates, int? best, TrainingSources sources) => new()
    {
        ["trainFrom"] = options.TrainFrom,
        ["onlyNormalisations"] = options.OnlyNormalisations,
        ["batchStatistics"] = options.BatchStatistics || options.FromScratch,
        ["fromScratch"] = options.FromScratch,
        ["epochs"] = options.Epochs,
        ["bestEpoch"] = best,
        ["updates"] = updates,
        ["batch"] = options.Batch,
        ["accumulate"] = options.Accumulate,
        ["loss"] = options.Head.Loss.ToText(),
        ["optimizer"] = options.Optimizer,
        ["rate"] = options.TrainingRate,
        ["backboneFactor"] = options.BackboneFactor,
        ["depthDecay"] = options.DepthDecay,
        ["momentum"] = options.Momentum,
        ["weightDecay"] = options.WeightDecay,
        ["schedule"] = options.Schedule,
        ["warmUp"] = options.WarmUp,
        ["clip"] = options.Clip,
        ["averageDecay"] = options.AverageDecay,
        ["smoothing"] = options.Smoothing,
        ["augmentation"] = options.Augmentation,
        ["seed"] = options.Seed,
        ["trainImages"] = sources.Training.Count,
        ["validationImages"] = sources.Validation?.Count ?? 0,
    };

    // What the classifier's says of network, head and data, and the training after it.
    private static string Provenance(OnnxModel classifier, JsonObject training)
    {
        var provenance = ModelMetadata.Parse(classifier, ModelMetadata.Provenance, json => JsonNode.Parse(json.GetRawText())!.AsObject());
        provenance[Training] = new JsonObject(training.Where(entry => Told.Contains(entry.Key)).Select(entry => KeyValuePair.Create(entry.Key, entry.Value?.DeepClone())));
        return provenance.ToJsonString();
    }
}
