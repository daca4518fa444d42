using System.Text.Json;
using System.Text.Json.Nodes;
using OnnxTransfer.Datasets;
using OnnxTransfer.Engine;
using OnnxTransfer.Heads;

namespace OnnxTransfer.FineTuning;

/// <summary>What <see cref="ArtifactExport"/> wrote.</summary>
/// <param name="Folder">Where the files are.</param>
/// <param name="Files">Their names.</param>
/// <param name="Labels">The classes in the order of the scores and of the targets.</param>
/// <param name="Tap">Where the new head sits.</param>
/// <param name="Learned">How many numbers are learned.</param>
/// <param name="Head">The trained linear head; null: it begins at 0.</param>
/// <param name="Skipped">Images that could not be read.</param>
public sealed record ArtifactReport(
    string Folder, IReadOnlyList<string> Files, IReadOnlyList<string> Labels, Tap Tap, long Learned, LinearHead? Head, IReadOnlyList<SkippedImage> Skipped);

/// <summary>
/// A network with a new classifier as the files that ONNX Runtime Training runs on phones, in browsers and elsewhere, and
/// <c>training.json</c>, which says what goes into them.
/// </summary>
public static class ArtifactExport
{
    /// <summary>The description beside the four files.</summary>
    public const string DescriptionFile = "training.json";

    private static readonly JsonSerializerOptions Printing = new() { WriteIndented = true };

    /// <summary>Writes the files for classes by name; the new classifier begins at 0.</summary>
    /// <param name="backbone">The pretrained network.</param>
    /// <param name="labels">The classes, at least two, in the order of the targets.</param>
    /// <param name="folder">Where to; it is made.</param>
    /// <param name="options">
    /// Tap, pooling, what is learned, statistics and smoothing; what concerns the loop is left to the application, whose
    /// optimizer is AdamW with one rate and no weight decay.
    /// </param>
    /// <exception cref="OnnxTransferException">
    /// Usage: under two classes, or one twice. Model: the tap; a node that cannot be differentiated. Machine: the files.
    /// </exception>
    public static ArtifactReport Write(Backbone backbone, IReadOnlyList<string> labels, string folder, FineTuneOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(backbone);
        ArgumentNullException.ThrowIfNull(labels);
        Quantised.Refuse(backbone.Model);
        options = Carried(options);
        if (labels.Count < 2 || labels.Distinct(StringComparer.Ordinal).Count() < labels.Count)
        {
            throw new OnnxTransferException(FailureKind.Usage, $"The classes {string.Join(", ", labels)} are not at least two different ones; name each once.");
        }

        var tap = backbone.Tap(options.Tap, options.Pooling);
        return Write(backbone, tap, StartingClassifier.Blank(backbone, tap, labels, null, options.Head.Loss), folder, options, []);
    }

    /// <summary>Writes the files with a linear head that is trained on the images to learn from.</summary>
    /// <inheritdoc cref="Write(Backbone, IReadOnlyList{string}, string, FineTuneOptions?)"/>
    /// <param name="backbone">The pretrained network.</param>
    /// <param name="images">The labelled photos; their classes are the model's.</param>
    /// <param name="folder">Where to; it is made.</param>
    /// <param name="options">As for classes by name, and how the images are split and read.</param>
    /// <param name="extraction">Hears how far the codes are.</param>
    /// <param name="cancellation">Stops.</param>
    public static ArtifactReport Write(
        Backbone backbone, LabelledImages images, string folder, FineTuneOptions? options = null,
        IProgress<ExtractionProgress>? extraction = null, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(backbone);
        ArgumentNullException.ThrowIfNull(images);
        Quantised.Refuse(backbone.Model);
        options = Carried(options);
        options.Head.Check();
        var tap = backbone.Tap(options.Tap, options.Pooling);
        var start = StartingClassifier.Make(backbone, tap, TrainingParts.Of(images, options), options, null, [], extraction, cancellation);
        return Write(backbone, tap, start, folder, options, start.Skipped);
    }

    private static FineTuneOptions Carried(FineTuneOptions? options)
    {
        var carried = (options ?? new FineTuneOptions()) with { Engine = "wasm", Optimizer = "adamw", WeightDecay = 0, BackboneFactor = 1, DepthDecay = 1, FromScratch = false };
        carried.Check();
        return carried;
    }

    private static ArtifactReport Write(
        Backbone backbone, Tap tap, StartingClassifier start, string folder, FineTuneOptions options, IReadOnlyList<SkippedImage> skipped)
    {
        ArgumentException.ThrowIfNullOrEmpty(folder);
        var compiled = ClassifierCompiler.Compile(backbone, start.Classifier, options, takesImages: true);
        var program = compiled.Program;
        TrainingArtifacts.Write(folder, program, new AdamW(), compiled.Start);
        var learned = program.Parameters.Sum(parameter => (long)parameter.Count);
        WholeFile.WriteText(Path.Combine(folder, DescriptionFile), Describe(backbone, tap, start, program, options, learned).ToJsonString(Printing) + "\n");
        string[] files =
        [
            TrainingArtifacts.TrainingFile, TrainingArtifacts.EvaluationFile, TrainingArtifacts.OptimizerFile, TrainingArtifacts.CheckpointFile, DescriptionFile,
        ];
        return new ArtifactReport(folder, files, start.Labels, tap, learned, start.Start?.Head, skipped);
    }

    private static JsonObject Describe(Backbone backbone, Tap tap, StartingClassifier start, TrainingProgram program, FineTuneOptions options, long learned) => new()
    {
        ["schema"] = 1,
        ["model"] = backbone.Model.Name,
        ["modelSha256"] = backbone.Model.Sha256,
        ["tap"] = tap.Point.Name,
        ["pooling"] = tap.Pooling.ToText(),
        ["trainFrom"] = options.TrainFrom,
        ["onlyNormalisations"] = options.OnlyNormalisations,
        ["batchStatistics"] = options.BatchStatistics,
        ["loss"] = options.Head.Loss.ToText(),
        ["smoothing"] = options.Smoothing,
        ["learnedNumbers"] = learned,
        ["headIsTrained"] = start.Start is not null,
        ["labels"] = new JsonArray([.. start.Labels.Select(label => (JsonNode)label)]),
        ["recipe"] = JsonNode.Parse(backbone.Recipe.ToJson()),
        ["inputs"] = new JsonArray([.. program.Inputs.Append(new ProgramInput(TrainingProgram.Targets, [program.Classes])).Select(input => new JsonObject
        {
            ["name"] = input.Name,
            ["type"] = "float32",
            ["dims"] = new JsonArray([.. input.Dims.Select(dim => (JsonNode)dim)]),
        })]),
        ["outputs"] = new JsonArray(TrainingProgram.Loss, TrainingProgram.Logits),
    };
}
