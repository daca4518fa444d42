using OnnxTransfer.Datasets;
using OnnxTransfer.Engine;
using OnnxTransfer.Heads;

namespace OnnxTransfer.Study;

/// <summary>Small or large, similar or different: measures a set of photos with a backbone and says what to do.</summary>
public static class Advisor
{
    /// <summary>
    /// One pass over the images for the codes of some layers, a softmax head on each, a learning curve on the best, and another over 600
    /// of them, reduced to 32 pixels, for the codes' statistics beside the backbone's reference. A test part of the set is not learned from.
    /// </summary>
    /// <param name="backbone">The pretrained network.</param>
    /// <param name="images">The labelled photos.</param>
    /// <param name="options">Null: all by default.</param>
    /// <param name="progress">Hears, from several threads, how far it is.</param>
    /// <param name="cancellation">Stops between images, passes and runs.</param>
    /// <exception cref="OnnxTransferException">
    /// As for <see cref="LayerStudy.Run"/>; Model: reference statistics that are damaged or another network's, no layer before the top.
    /// </exception>
    public static Advice Run(
        Backbone backbone, LabelledImages images, AdviceOptions? options = null, IProgress<StudyProgress>? progress = null,
        CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(backbone);
        ArgumentNullException.ThrowIfNull(images);
        options ??= new AdviceOptions();
        var reference = ReferenceOf(backbone, options);
        return InFolder(options.Store, store =>
        {
            var taps = AdviceTaps.Of(backbone);
            var study = LayerStudy.Run(backbone, images, StudyOptions(taps, store, options), progress, cancellation);
            study = backbone.Taps.LostStages is { } lost ? study with { Notes = [.. study.Notes, lost] } : study;
            using var codes = Codes.Open(store);
            var rows = TrainRows(codes, images);
            var comparison = reference is null ? null : CodeComparison.Of(
                backbone, taps, ReducedPhotos.Sample(images, [.. rows.Select(row => codes.Ids[row])], options.Extraction), reference, options.Extraction, progress, cancellation);
            return Advise(backbone, study, codes, rows, AdviceTaps.Top(taps), comparison, options, progress, cancellation);
        });
    }

    /// <summary>
    /// The statistics of a backbone's codes on images that it was trained on, or on others like them, reduced to a short side of 32 pixels;
    /// labels are not needed.
    /// </summary>
    /// <param name="backbone">The pretrained network.</param>
    /// <param name="images">The photos.</param>
    /// <param name="madeOf">What they are, in words.</param>
    /// <param name="options">Null: all by default.</param>
    /// <param name="progress">Hears, from several threads, how far it is.</param>
    /// <param name="cancellation">Stops between images.</param>
    /// <exception cref="OnnxTransferException">Usage: no words. And as for <see cref="Backbone.Extract(LabelledImages, IReadOnlyList{Tap}, string?, ExtractionOptions?, IProgress{ExtractionProgress}?, CancellationToken)"/>.</exception>
    public static Reference MakeReference(
        Backbone backbone, LabelledImages images, string madeOf, AdviceOptions? options = null, IProgress<ExtractionProgress>? progress = null,
        CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(backbone);
        ArgumentNullException.ThrowIfNull(madeOf);
        if (string.IsNullOrWhiteSpace(madeOf))
        {
            throw new OnnxTransferException(FailureKind.Usage, "A reference tells what its images are, and no words for that are given; --make-reference takes them, such as 'ImageNet validation'.");
        }

        options ??= new AdviceOptions();
        using var codes = backbone.Extract(
            ReducedPhotos.All(images, options.Extraction), AdviceTaps.Of(backbone), options.Store, options.Extraction, progress, cancellation);
        return new Reference(backbone.Recipe, madeOf, codes.Ids.Count, [.. codes.Columns.Select(column => LayerStatistics.Of(column, codes.Read(column)))]);
    }

    private static LayerStudyOptions StudyOptions(IReadOnlyList<Tap> taps, string store, AdviceOptions options) => new()
    {
        Taps = [.. taps.Select(static tap => tap.Point.Name)],
        Poolings = [Pooling.Average],
        Losses = [HeadLoss.Softmax],
        Head = new HeadOptions { Standardize = true, Seed = options.Seed },
        Store = store,
        Extraction = options.Extraction,
    };

    private static Advice Advise(
        Backbone backbone, LayerReport study, Codes codes, int[] rows, Tap topTap, CodeComparison? comparison, AdviceOptions options,
        IProgress<StudyProgress>? progress, CancellationToken cancellation)
    {
        var depth = Depth.Of(study.Scores, topTap.Point.Name);
        var best = study.Recommended.Best;
        var head = new HeadOptions { Standardize = true, Seed = options.Seed, C = best.C };
        string[] labels = [.. rows.Select(row => codes.Labels[row])];
        var curve = CurveMeasurement.Of(codes.Read(codes.Column(best.Tap), rows), labels, head, progress, cancellation);
        var extrapolation = Extrapolation.Of(curve, rows.Length);
        var shift = comparison?.ShiftOf(Depth.FirstPart(study.Scores, depth.Top));
        var placement = Placement.Of(rows.Length, study.Classes.Count, extrapolation?.Gain, depth, shift);
        var kind = AdviceKindNames.Of(placement, depth);
        var parameters = depth.Top.Cost.Bytes / sizeof(float);
        return new Advice
        {
            Placement = placement,
            Kind = kind,
            Evidence =
            [
                AdviceSentences.OfSize(placement.Size, rows.Length, study.Classes.Count, parameters, best, curve.Count, extrapolation),
                AdviceSentences.OfDepth(depth),
                AdviceSentences.OfCodes(backbone.Model.Name, comparison?.Reference, shift),
            ],
            Layer = kind switch
            {
                AdviceKind.HeadOnTop => depth.Top,
                AdviceKind.HeadOnEarlierLayer => depth.Earlier,
                _ => best,
            },
            Study = study,
            Depth = depth,
            Curve = curve,
            Extrapolation = extrapolation,
            Parameters = parameters,
            Shift = shift,
            Reference = shift is null ? null : comparison?.Reference,
            Distances = comparison?.Distances ?? [],
        };
    }

    /// <summary>The rows that a study of layers learns from.</summary>
    private static int[] TrainRows(Codes codes, LabelledImages images)
    {
        var split = images.SplitTrainTest();
        var ids = (split.WasGiven ? split.Train : images).Select(static image => image.Id).ToHashSet(StringComparer.Ordinal);
        return [.. Enumerable.Range(0, codes.Ids.Count).Where(row => ids.Contains(codes.Ids[row]))];
    }

    /// <summary>A file that is named must be there; it may lack this image size.</summary>
    private static Reference? ReferenceOf(Backbone backbone, AdviceOptions options) => options.Reference is { } path
        ? ReferenceStatistics.Read(path, backbone).For(backbone.Recipe)
        : ReferenceStatistics.Find(backbone);

    private static T InFolder<T>(string? store, Func<string, T> work)
    {
        if (store is not null)
        {
            return work(store);
        }

        var folder = Directory.CreateTempSubdirectory("onnxtransfer-advise-");
        try
        {
            return work(Path.Combine(folder.FullName, "store"));
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }
}
