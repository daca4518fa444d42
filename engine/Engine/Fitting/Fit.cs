using System.Diagnostics;
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
        using var codes = Timed(stages, "extract codes", () => backbone.Extract(options.Store is null ? Both(images, split) : images, tap, options.Store, options.Extraction, progress, cancellation));
        var (train, test) = (Rows(codes, split.Train), Rows(codes, split.Test));
        RequireEveryClass(images.Source, codes, split.Train, train);
        if (test.Length == 0)
        {
            throw new OnnxTransferException(
                FailureKind.Data, $"None of the {split.Test.Count:N0} test images of {images.Source} can be read; replace them.");
        }

        var head = Timed(stages, "train the head", () =>
        {
            var (matrix, labels) = (codes.Read(codes.Column(null, null), train), Labels(codes, train));
            return LinearHead.Train(matrix, labels, options.Head, cancellation)
                .Calibrate(matrix, labels, options.Calibration, options.Head, cancellation);
        });
        var evaluation = Timed(stages, "evaluate", () => head.Evaluate(codes.Read(codes.Column(null, null), test), Labels(codes, test)));
        var notes = new ExportNotes
        {
            Dataset = Path.GetFileName(Path.TrimEndingDirectorySeparator(images.Source)),
            TrainImages = train.Length,
            TestImages = test.Length,
            TestAccuracy = evaluation.Accuracy,
            TestAccuracyInterval = evaluation.AccuracyInterval,
        };
        Timed(stages, "export and check", () =>
        {
            ModelExport.Write(backbone, tap, head, output, notes);
            return true;
        });

        return new FitReport
        {
            Tap = tap,
            Proof = codes.Proof,
            Head = head,
            Test = evaluation,
            TrainImages = train.Length,
            SplitWasGiven = split.WasGiven,
            Skipped = codes.Skipped,
            Notes = [.. split.Train.Notes.Union(split.Test.Notes)],
            Stages = stages,
        };
    }

    /// <summary>Without a part that stands beside train and test: only a store that is kept holds the whole set.</summary>
    private static LabelledImages Both(LabelledImages images, TrainTest split)
    {
        var used = split.Train.Concat(split.Test).Select(image => image.Id).ToHashSet(StringComparer.Ordinal);
        return images.Where(image => used.Contains(image.Id));
    }

    private static int[] Rows(Codes codes, LabelledImages part)
    {
        var ids = part.Select(image => image.Id).ToHashSet(StringComparer.Ordinal);
        return [.. Enumerable.Range(0, codes.Ids.Count).Where(row => ids.Contains(codes.Ids[row]))];
    }

    private static string[] Labels(Codes codes, int[] rows) => [.. rows.Select(row => codes.Labels[row])];

    private static void RequireEveryClass(string source, Codes codes, LabelledImages train, int[] rows)
    {
        if (train.Classes.Except(Labels(codes, rows)).FirstOrDefault() is { } lost)
        {
            throw new OnnxTransferException(
                FailureKind.Data, $"None of the training images of the class '{lost}' in {source} can be read; replace them or remove the class.");
        }
    }

    private static T Timed<T>(List<StageTime> stages, string stage, Func<T> work)
    {
        var start = Stopwatch.GetTimestamp();
        var result = work();
        stages.Add(new StageTime(stage, Stopwatch.GetElapsedTime(start).TotalSeconds));
        return result;
    }
}
