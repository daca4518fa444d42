using System.Globalization;
using OnnxTransfer.Datasets;
using OnnxTransfer.Heads;

namespace OnnxTransfer.Engine;

/// <summary>The main job: labelled photos in, a trained, tested and exported classifier out.</summary>
public static class Fit
{
    /// <summary>
    /// C where it cannot be chosen, as every class has a single training image. From 0.0001 to 1 it matters little
    /// there; of those this one has the least log-loss (docs/LAYERS.md).
    /// </summary>
    public const double CWithoutChoice = 0.01;

    /// <summary>
    /// Splits the set, extracts codes of both parts in one pass, trains a head on the training part (C and calibration
    /// chosen within it), evaluates it once on the test part, and exports backbone and head as one .onnx: <see cref="Extract"/>,
    /// training, <see cref="OnCodes"/>.
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
        options ??= new FitOptions();
        ArgumentNullException.ThrowIfNull(backbone);
        var (taps, stages) = (backbone.Join(options.Taps, options.Poolings), new List<StageTime>());
        using var codes = Extract(backbone, images, output, taps.Taps, options, stages, progress, cancellation);
        var head = StageTime.Measure(stages, "train the head", () => Train(taps, codes, options.Head, cancellation));
        return OnCodes(backbone, taps, codes, head, output, options, stages, cancellation);
    }

    /// <summary>The first step: splits the set and extracts codes of both parts at any number of taps, in one pass.</summary>
    /// <param name="backbone">The pretrained network.</param>
    /// <param name="images">The labelled photos.</param>
    /// <param name="output">Where the model will go; a place that cannot be is refused now.</param>
    /// <param name="taps">What is tapped.</param>
    /// <param name="options">Split, store, extraction, head.</param>
    /// <param name="stages">Gets the time that it took.</param>
    /// <param name="progress">Hears how far the extraction is.</param>
    /// <param name="cancellation">Stops between images; the codes so far stay in the store.</param>
    /// <inheritdoc cref="Run" path="/exception"/>
    public static TrainTestCodes Extract(
        Backbone backbone, LabelledImages images, string output, IReadOnlyList<Tap> taps, FitOptions options, ICollection<StageTime> stages,
        IProgress<ExtractionProgress>? progress, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(backbone);
        ArgumentNullException.ThrowIfNull(images);
        ArgumentException.ThrowIfNullOrEmpty(output);
        ArgumentNullException.ThrowIfNull(options);
        options.Head.Check();
        ModelExport.RequirePlace(backbone, output);
        var split = images.SplitTrainTest(options.TestShare, options.Seed);
        var codes = StageTime.Measure(stages, "extract codes", () => TrainTestCodes.Extract(backbone, images, split, taps, options.Store, options.Extraction, progress, cancellation));
        if (codes.Test.Count == 0)
        {
            codes.Dispose();
            throw new OnnxTransferException(
                FailureKind.Data, $"None of the {split.Test.Count:N0} test images of {images.Source} can be read; replace them.");
        }

        return codes;
    }

    /// <summary>
    /// The second step: trains the head on the training part, C by cross-validation; where every class has a single training image, and
    /// no C is given, at <see cref="CWithoutChoice"/>.
    /// </summary>
    /// <param name="taps">Where the head reads.</param>
    /// <param name="codes">Of <see cref="Extract"/>.</param>
    /// <param name="options">How the head is trained.</param>
    /// <param name="cancellation">Stops between passes.</param>
    /// <inheritdoc cref="Run" path="/exception"/>
    public static LinearHead Train(JoinedTaps taps, TrainTestCodes codes, HeadOptions options, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(taps);
        ArgumentNullException.ThrowIfNull(codes);
        ArgumentNullException.ThrowIfNull(options);
        var (matrix, labels) = codes.Read(taps, codes.Train);
        TrainTestCodes.RequireDifference(matrix, taps.Key);
        var isOpen = codes.HasSingles && options is { C: null, Selection.Nested: false } && !options.Loss.IsClosedForm();
        return LinearHead.Train(matrix, labels, isOpen ? options with { C = CWithoutChoice } : options, cancellation);
    }

    /// <summary>The last steps: calibrates a head, evaluates it once on the test part, and exports backbone and head as one .onnx.</summary>
    /// <param name="backbone">The pretrained network.</param>
    /// <param name="taps">Where the head reads.</param>
    /// <param name="codes">Of <see cref="Extract"/>.</param>
    /// <param name="head">A head that was trained on the training part at the taps, in the order of <see cref="TrainTestCodes.Train"/>.</param>
    /// <param name="output">Where the model goes.</param>
    /// <param name="options">How the head was trained and is calibrated.</param>
    /// <param name="stages">The stages so far; gets those that follow.</param>
    /// <param name="cancellation">Stops between passes.</param>
    /// <inheritdoc cref="Run" path="/exception"/>
    public static FitReport OnCodes(
        Backbone backbone, JoinedTaps taps, TrainTestCodes codes, LinearHead head, string output, FitOptions options, ICollection<StageTime> stages,
        CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(backbone);
        ArgumentNullException.ThrowIfNull(taps);
        ArgumentNullException.ThrowIfNull(codes);
        ArgumentNullException.ThrowIfNull(head);
        ArgumentNullException.ThrowIfNull(options);
        var calibrated = StageTime.Measure(stages, "calibrate", () =>
        {
            var (matrix, labels) = codes.Read(taps, codes.Train);
            return head.Calibrate(matrix, labels, options.Calibration, options.Head, cancellation);
        });
        var evaluation = StageTime.Measure(stages, "evaluate", () =>
        {
            var (matrix, labels) = codes.Read(taps, codes.Test);
            return calibrated.Evaluate(matrix, labels);
        });
        var notes = new ExportNotes
        {
            Dataset = Path.GetFileName(Path.TrimEndingDirectorySeparator(codes.Source)),
            TrainImages = codes.Train.Count,
            TestImages = codes.Test.Count,
            TestAccuracy = evaluation.Accuracy,
            TestAccuracyInterval = evaluation.AccuracyInterval,
        };
        StageTime.Measure(stages, "export and check", () =>
        {
            ModelExport.Write(backbone, taps, calibrated, output, notes);
            return true;
        });

        return new FitReport
        {
            Taps = taps,
            Proof = codes.Codes.Proof,
            Head = calibrated,
            Test = evaluation,
            TrainImages = codes.Train.Count,
            SplitWasGiven = codes.Split.WasGiven,
            Skipped = codes.Codes.Skipped,
            Notes = [.. codes.Split.Train.Notes.Union(codes.Split.Test.Notes), .. WhyThisC(head, options.Head)],
            Stages = [.. stages],
        };
    }
    private static string[] WhyThisC(LinearHead head, HeadOptions options) => options.C is null && head.Selection is null && !head.Loss.IsClosedForm()
        ? [string.Create(CultureInfo.InvariantCulture, $"Every class has a single training image, so C cannot be chosen by cross-validation and is {head.C}; give another with --c.")]
        : [];
}
