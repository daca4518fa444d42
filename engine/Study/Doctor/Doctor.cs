using OnnxTransfer.Datasets;
using OnnxTransfer.Engine;

namespace OnnxTransfer.Study;

/// <summary>What is wrong with a set of photos? Doubtful labels, copies, classes that overlap and strange images, found from codes.</summary>
public static class Doctor
{
    /// <summary>Extracts the codes of all images of all parts in one pass, and looks at them.</summary>
    /// <param name="backbone">The pretrained network.</param>
    /// <param name="images">The labelled photos.</param>
    /// <param name="options">The layers; null: all by default.</param>
    /// <param name="progress">Hears, from several threads, how far it is.</param>
    /// <param name="cancellation">Stops between images and steps.</param>
    /// <exception cref="OnnxTransferException">
    /// Data: labels or classes are missing, too many bad images, codes that are not finite. Model, Usage: the tap. Machine: the files.
    /// Mathematics: a proof failed. Interrupted: cancelled.
    /// </exception>
    public static Examination Run(
        Backbone backbone,
        LabelledImages images,
        DoctorOptions? options = null,
        IProgress<StudyProgress>? progress = null,
        CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(backbone);
        ArgumentNullException.ThrowIfNull(images);
        options ??= new DoctorOptions();
        RequireLabels(images);
        var taps = DoctorTaps.Of(backbone, options);
        var parts = new TrainTest(images.Where(static image => image.Split is null or "train"), images.Where(static image => image.Split is not (null or "train")), images.Splits.Count > 0, 0);
        var stages = new List<StageTime>();
        using var codes = StageTime.Measure(stages, "extract codes", () => TrainTestCodes.Extract(
            backbone, images, parts, taps, options.Store, options.Extraction, StudyProgress.OfExtraction(progress), cancellation));
        var report = StageTime.Measure(stages, "look at them", () => Examine(codes, [.. taps.Select(tap => codes.Codes.Column(tap))], images, options, progress, cancellation));
        return new Examination
        {
            Report = report,
            Taps = taps,
            Proof = codes.Codes.Proof,
            Images = codes.Train.Count + codes.Test.Count,
            TestImages = codes.Test.Count,
            Classes = images.Classes,
            Skipped = codes.Codes.Skipped,
            Notes = options.Tap is null && backbone.Taps.LostStages is { } lost ? [.. images.Notes, lost] : images.Notes,
            Stages = stages,
        };
    }

    /// <summary>Looks at a set whose codes are extracted already: at the images of both parts.</summary>
    /// <param name="codes">The codes.</param>
    /// <param name="columns">The layers and their poolings, at least one, in the order of the network: the last is what images are compared by.</param>
    /// <param name="images">The set that the codes are of; its images are decoded once more, to compare pictures.</param>
    /// <param name="options">Seed, decoder and threads are taken from them; null: all by default.</param>
    /// <param name="progress">Hears, from several threads, how far it is.</param>
    /// <param name="cancellation">Stops between images and steps.</param>
    /// <exception cref="OnnxTransferException">
    /// Data: an image without a label, one class only, a code that is not finite, a damaged store. Mathematics: a head did not
    /// converge.
    /// </exception>
    public static DoctorReport Examine(
        TrainTestCodes codes,
        IReadOnlyList<CodeColumn> columns,
        LabelledImages images,
        DoctorOptions? options = null,
        IProgress<StudyProgress>? progress = null,
        CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(codes);
        ArgumentNullException.ThrowIfNull(columns);
        ArgumentNullException.ThrowIfNull(images);
        return Examine(DoctorSet.Of(codes, columns, images), options ?? new DoctorOptions(), progress, cancellation);
    }

    /// <summary>The same for codes of any origin.</summary>
    internal static DoctorReport Examine(DoctorSet set, DoctorOptions options, IProgress<StudyProgress>? progress, CancellationToken cancellation)
    {
        set.RequireFinite();
        progress?.Report(new StudyProgress("Judging labels", 0, set.Count));
        StandardCodes[] layers = [.. set.Layers.Select(layer => StandardCodes.Of(layer, cancellation))];
        var labels = WrongLabels.Find(set, layers, options.Seed, cancellation);
        var pictures = SmallPictures.Of(set.Images, options.Extraction, progress, cancellation);
        var duplicates = NearDuplicates.Find(set, pictures, layers[^1].Nearest, cancellation);
        return new DoctorReport
        {
            Labels = labels.Labels,
            SuspectLabels = labels.Suspects,
            Duplicates = duplicates,
            Overlaps = OverlappingClasses.Find(set.Labels, labels.Predicted),
            Strangers = StrangeImages.Find(set, layers[^1]),
        };
    }

    private static void RequireLabels(LabelledImages images)
    {
        if (images.FirstOrDefault(static image => image.Label is null) is { } unlabelled)
        {
            throw new OnnxTransferException(
                FailureKind.Data, $"The image '{unlabelled.Id}' of {images.Source} has no label; label every image or leave it out.");
        }

        if (images.Classes.Count < 2)
        {
            throw new OnnxTransferException(
                FailureKind.Data, $"{images.Source} has {(images.Count == 0 ? "no image" : "one class only")}, and labels are judged between classes; give images of two at least.");
        }
    }
}
