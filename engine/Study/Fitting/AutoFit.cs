using OnnxTransfer.Datasets;
using OnnxTransfer.Engine;
using OnnxTransfer.Heads;

namespace OnnxTransfer.Study;

/// <summary><see cref="Fit"/> at the layer that the photos choose.</summary>
public static class AutoFit
{
    /// <summary>
    /// Extracts codes at the ends of all stages in one pass (<see cref="TapCatalog.StageEnds"/>), trains a head on each, and goes on
    /// as <see cref="Fit"/> does with the one that <see cref="Recommendation"/> takes by cross-validation on the training part; its head is
    /// trained already. The test part is looked at once, at the end, by that head alone.
    /// </summary>
    /// <remarks>
    /// All heads have the options of the fit: one loss, the same folds, and C by cross-validation for each layer, or the one that is
    /// given. Where every class has a single training image, or the network has no stages, nothing can be compared: the fit is at the
    /// penultimate layer, and a note says so.
    /// </remarks>
    /// <param name="backbone">The pretrained network.</param>
    /// <param name="images">The labelled photos.</param>
    /// <param name="output">Where the model goes.</param>
    /// <param name="options">Pooling, head, split; its taps are not looked at. Null: all by default.</param>
    /// <param name="progress">Hears, from several threads, how far it is.</param>
    /// <param name="cancellation">Stops between images and passes; the codes so far stay in the store.</param>
    /// <exception cref="OnnxTransferException">As for <see cref="Fit.Run"/>; and Usage: several poolings, or <see cref="Pooling.Flatten"/>.</exception>
    public static AutoFitReport Run(
        Backbone backbone,
        LabelledImages images,
        string output,
        FitOptions? options = null,
        IProgress<StudyProgress>? progress = null,
        CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(backbone);
        options ??= new FitOptions();
        if (options.Poolings is not [var pooling])
        {
            throw new OnnxTransferException(
                FailureKind.Usage, $"Layers are compared by one pooling, and {options.Poolings.Count} are given; name the taps with --tap, or one pooling.");
        }

        if (pooling == Pooling.Flatten)
        {
            throw new OnnxTransferException(
                FailureKind.Usage, "The maps of early layers have hundreds of thousands of values, too many to compare layers by; name one with --tap, or another pooling.");
        }

        var (taps, stages) = (Taps(backbone, pooling), new List<StageTime>());
        using var codes = Fit.Extract(backbone, images, output, taps, options, stages, StudyProgress.OfExtraction(progress), cancellation);
        if (WhyAlone(backbone, codes, taps) is { } note)
        {
            var head = StageTime.Measure(stages, "train the head", () => Fit.Train(new JoinedTaps(taps[^1]), codes, options.Head, cancellation));
            var only = Fit.OnCodes(backbone, new JoinedTaps(taps[^1]), codes, head, output, options, stages, cancellation);
            return new AutoFitReport(Noted(only, note), [], null);
        }

        var trials = StageTime.Measure(stages, "compare layers", () => Try(codes, taps, options.Head, progress, cancellation));
        var choice = Recommendation.Choose<LayerTrial>([.. trials.Select(static trial => trial.Layer)]);
        var chosen = trials.First(trial => trial.Layer == choice.Chosen).Head;
        if (options.Head is { C: null, Selection.Nested: true } && !chosen.Loss.IsClosedForm())
        {
            chosen = StageTime.Measure(stages, "estimate by nested cross-validation", () => Fit.Train(new JoinedTaps(choice.Chosen.Tap), codes, options.Head, cancellation));
        }

        var fit = Fit.OnCodes(backbone, new JoinedTaps(choice.Chosen.Tap), codes, chosen, output, options, stages, cancellation);
        return new AutoFitReport(Noted(fit), [.. trials.Select(static trial => trial.Layer)], choice);

        FitReport Noted(FitReport report, params IEnumerable<string> notes) =>
            report with { Notes = [.. report.Notes, .. notes, .. backbone.Taps.LostStages is { } lost ? [lost] : (string[])[]] };
    }

    /// <summary>A vector is pooled already.</summary>
    private static Tap[] Taps(Backbone backbone, Pooling pooling)
    {
        Tap[] taps = [.. backbone.Taps.StageEnds.Select(point => new Tap(point, point.Stride is null ? Pooling.Average : pooling))];
        return taps.Length > 0 ? taps : [backbone.Tap("penultimate", pooling)];
    }

    private static string? WhyAlone(Backbone backbone, TrainTestCodes codes, Tap[] taps)
    {
        var why = taps.Length == 1 ? $"{backbone.Model.Name} has no stages to choose from"
            : codes.HasSingles ? "Every class has a single training image, so layers cannot be compared"
            : null;
        return why is null ? null : $"{why}: codes are read at {taps[^1].Point.Name}; name another layer with --tap.";
    }

    private static List<(LayerTrial Layer, LinearHead Head)> Try(
        TrainTestCodes codes, Tap[] taps, HeadOptions options, IProgress<StudyProgress>? progress, CancellationToken cancellation)
    {
        // A nested estimate takes several times as long as a head, and is wanted of the chosen layer alone.
        options = options with { Selection = options.Selection with { Nested = false } };
        var trials = new List<(LayerTrial, LinearHead)>();
        foreach (var tap in taps)
        {
            progress?.Report(new StudyProgress("Training heads", trials.Count, taps.Length));
            var (matrix, labels) = codes.Read(codes.Codes.Column(tap), codes.Train);
            TrainTestCodes.RequireDifference(matrix, tap.Key);
            var head = LinearHead.Train(matrix, labels, options, cancellation);
            var (crossValidated, heldOut) = LayerTrial.Judge(head, matrix, labels, options, cancellation);
            trials.Add((new LayerTrial
            {
                Tap = tap,
                Loss = head.Loss,
                C = head.C,
                CrossValidated = crossValidated,
                HeldOut = heldOut,
                Converged = head.Certificate.Converged,
            }, head));
        }

        return trials;
    }
}
