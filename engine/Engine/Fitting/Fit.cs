using OnnxTransfer.Datasets;
using OnnxTransfer.Heads;

namespace OnnxTransfer.Engine;

/// <summary>The main job: labelled photos in, a trained, tested and exported classifier out.</summary>
public static class Fit
{
    /// <summary>
    /// Splits the set, extracts codes of both parts in one pass, trains a head on the training part (C and calibration
    /// chosen within it), evaluates it once on the test part, and exports backbone and head as one .onnx.
    /// </summary>
    /// <param name="backbone">The pretrained network.</param>
    /// <param name="images">The labelled photos.</param>
    /// <param name="output">Where the model goes.</param>
    /// <param name="options">Tap, head, split; null: all by default.</param>
    /// <param name="progress">Hears how far the extraction is.</param>
    /// <param name="cancellation">Stops between images; the codes so far stay in the store.</param>
    /// <exception cref="OnnxTransferException">
    /// Data: labels or classes are missing, too many bad images. Model: the tap. Machine: the files. Mathematics: a proof
    /// failed. Interrupted: cancelled.
    /// </exception>
    public static FitReport Run(
        Backbone backbone,
        LabelledImages images,
        string output,
        FitOptions? options = null,
        IProgress<ExtractionProgress>? progress = null,
        CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(backbone);
        ArgumentNullException.ThrowIfNull(images);
        ArgumentException.ThrowIfNullOrEmpty(output);
        options ??= new FitOptions();
        options.Head.Check();
        ModelExport.RequirePlace(backbone, output);
        var tap = backbone.Tap(options.Tap, options.Pooling);
        var split = images.SplitTrainTest(options.TestShare, options.Seed);
        var stages = new List<StageTime>();
        using var codes = StageTime.Measure(stages, "extract codes", () => TrainTestCodes.Extract(backbone, images, split, [tap], options.Store, options.Extraction, progress, cancellation));
        var column = codes.Codes.Column(null, null);
        if (codes.Test.Count == 0)
        {
            throw new OnnxTransferException(
                FailureKind.Data, $"None of the {split.Test.Count:N0} test images of {images.Source} can be read; replace them.");
        }

        var head = StageTime.Measure(stages, "train the head", () =>
        {
            var (matrix, labels) = codes.Read(column, codes.Train);
            return LinearHead.Train(matrix, labels, options.Head, cancellation)
                .Calibrate(matrix, labels, options.Calibration, options.Head, cancellation);
        });
        var evaluation = StageTime.Measure(stages, "evaluate", () =>
        {
            var (matrix, labels) = codes.Read(column, codes.Test);
            return head.Evaluate(matrix, labels);
        });
        var notes = new ExportNotes
        {
            Dataset = Path.GetFileName(Path.TrimEndingDirectorySeparator(images.Source)),
            TrainImages = codes.Train.Count,
            TestImages = codes.Test.Count,
            TestAccuracy = evaluation.Accuracy,
            TestAccuracyInterval = evaluation.AccuracyInterval,
        };
        StageTime.Measure(stages, "export and check", () =>
        {
            ModelExport.Write(backbone, tap, head, output, notes);
            return true;
        });

        return new FitReport
        {
            Tap = tap,
            Proof = codes.Codes.Proof,
            Head = head,
            Test = evaluation,
            TrainImages = codes.Train.Count,
            SplitWasGiven = split.WasGiven,
            Skipped = codes.Codes.Skipped,
            Notes = [.. split.Train.Notes.Union(split.Test.Notes)],
            Stages = stages,
        };
    }
}
