using OnnxTransfer.Datasets;
using OnnxTransfer.Engine;
using OnnxTransfer.Heads;
using OnnxTransfer.Onnx;

namespace OnnxTransfer.FineTuning;

/// <summary>The classifier that training begins with.</summary>
/// <param name="Classifier">Network and head, in the network's own operator set.</param>
/// <param name="Labels">The classes in the order of its scores.</param>
/// <param name="Start">The linear head; null from scratch.</param>
internal sealed record StartingClassifier(OnnxModel Classifier, IReadOnlyList<string> Labels, StartingHead? Start)
{
    /// <summary>Images that the head could not learn from.</summary>
    public IReadOnlyList<SkippedImage> Skipped { get; init; } = [];

    /// <summary>
    /// The network with the linear head that is best on its codes of the images to learn from; or from scratch, with weights
    /// drawn by chance.
    /// </summary>
    /// <param name="backbone">The pretrained network.</param>
    /// <param name="tap">Where the head is put on.</param>
    /// <param name="parts">The parts of the set.</param>
    /// <param name="options">How the head is trained, and whether the training is resumed.</param>
    /// <param name="folder">The training's folder, which keeps the head; null: there is none.</param>
    /// <param name="stages">Receives the times.</param>
    /// <param name="progress">Hears how far the codes are.</param>
    /// <param name="cancellation">Stops.</param>
    public static StartingClassifier Make(
        Backbone backbone, Tap tap, TrainingParts parts, FineTuneOptions options, string? folder, ICollection<StageTime> stages,
        IProgress<ExtractionProgress>? progress, CancellationToken cancellation)
    {
        var labels = parts.Train.Classes;
        if (labels.Count < 2)
        {
            throw new OnnxTransferException(FailureKind.Data, $"{parts.Train.Source} has {labels.Count} class{(labels.Count == 1 ? string.Empty : "es")} to learn from; a classifier needs at least two.");
        }

        var notes = new ExportNotes
        {
            Dataset = Path.GetFileName(Path.TrimEndingDirectorySeparator(parts.Train.Source)),
            TrainImages = parts.Train.Count,
            TestImages = parts.Test.Count,
        };
        if (options.FromScratch)
        {
            var blank = Blank(backbone, tap, labels, notes, options.Head.Loss);
            return blank with { Classifier = FreshWeights.Of(blank.Classifier, options.Seed) };
        }

        if (folder is not null && options.Resume && StartingHead.Read(folder, tap) is { } kept)
        {
            return Of(kept);
        }

        var split = new TrainTest(parts.Train, parts.Test, parts.WasGiven, options.Seed);
        using var codes = StageTime.Measure(stages, "extract codes", () => TrainTestCodes.Extract(
            backbone, new LabelledImages(parts.Train.Source, parts.Train.Concat(parts.Test)), split, [tap], null, options.Extraction, progress, cancellation));
        var column = codes.Codes.Column(tap);
        return StageTime.Measure(stages, "train the head", () =>
        {
            var (matrix, classes) = codes.Read(column, codes.Train);
            var head = LinearHead.Train(matrix, classes, options.Head with { Seed = options.Seed }, cancellation);
            var (tests, truth) = codes.Read(column, codes.Test);
            var test = codes.Test.Count > 0 ? head.Evaluate(tests, truth) : null;
            var start = new StartingHead(head, test is null ? null : new MetricEstimate(test.Accuracy, test.AccuracyInterval));
            if (folder is not null)
            {
                start.Write(folder);
            }

            return Of(start) with { Skipped = codes.Codes.Skipped };
        });

        StartingClassifier Of(StartingHead start) =>
            new(Trainable(ClassifierGraph.Make(backbone.Taps, backbone.Recipe, new JoinedTaps(tap), start.Head, notes)), start.Head.Labels, start);
    }

    /// <summary>The network with a head of zeros, for a loss.</summary>
    public static StartingClassifier Blank(Backbone backbone, Tap tap, IReadOnlyList<string> labels, ExportNotes? notes, HeadLoss loss)
    {
        var head = new LinearHead(labels, new double[labels.Count * (tap.Width + 1)], tap.Width, loss, 0, new Certificate(0, 0, 0, 0, false));
        return new StartingClassifier(Trainable(ClassifierGraph.Make(backbone.Taps, backbone.Recipe, new JoinedTaps(tap), head, notes)), labels, null);
    }

    // Every weight is an initializer, and names that a training's graphs have for themselves are left to them.
    private static OnnxModel Trainable(OnnxModel classifier)
    {
        var builder = new GraphBuilder(OwnWeights.Of(classifier));
        foreach (var name in (string[])[TrainingProgram.Loss, TrainingProgram.Targets])
        {
            builder.RenameTensor(name, builder.Unique("backbone/" + name));
        }

        return builder.Build();
    }
}
