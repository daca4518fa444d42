using System.Globalization;
using OnnxTransfer.Datasets;
using OnnxTransfer.Engine;
using OnnxTransfer.Heads;

namespace OnnxTransfer.Study;

/// <summary>Which layer? Heads on the codes of many layers, from one pass over the images, compared by cross-validation.</summary>
public static class LayerStudy
{
    /// <summary>The most classes: a head on each of some thirty layers, a dozen values of C and five folds, takes hours beyond.</summary>
    public const int MostClasses = 1000;

    /// <summary>
    /// Extracts the codes of all layers and poolings in one pass, trains a head on each, and recommends one. Cross-validation
    /// sees the train part alone, or all images where the set has no test part; a test part is looked at once, at the end, and
    /// decides nothing. With the same seed all layers have the same folds.
    /// </summary>
    /// <param name="backbone">The pretrained network.</param>
    /// <param name="images">The labelled photos.</param>
    /// <param name="options">Taps, poolings, losses, budget; null: all by default.</param>
    /// <param name="progress">Hears, from several threads, how far it is.</param>
    /// <param name="cancellation">Stops between images, passes and runs.</param>
    /// <exception cref="OnnxTransferException">
    /// Usage: nothing to compare, or no layer within the budget. Data: labels or classes are missing, or more than <see cref="MostClasses"/>, codes that do not differ, too
    /// many bad images. Model: a tap. Machine: the files. Mathematics: a proof failed. Interrupted: cancelled.
    /// </exception>
    public static LayerReport Run(
        Backbone backbone,
        LabelledImages images,
        LayerStudyOptions? options = null,
        IProgress<StudyProgress>? progress = null,
        CancellationToken cancellation = default) =>
        Run(backbone, images, static (report, _) => report, options, progress, cancellation);

    /// <summary>The same, and makes something of what was found while the codes are still there.</summary>
    /// <param name="backbone">The pretrained network.</param>
    /// <param name="images">The labelled photos.</param>
    /// <param name="finish">Gets the report and the codes of all layers, which are gone afterwards.</param>
    /// <param name="options">Taps, poolings, losses, budget; null: all by default.</param>
    /// <param name="progress">Hears, from several threads, how far it is.</param>
    /// <param name="cancellation">Stops between images, passes and runs.</param>
    /// <inheritdoc cref="Run(Backbone, LabelledImages, LayerStudyOptions?, IProgress{StudyProgress}?, CancellationToken)" path="/exception"/>
    public static T Run<T>(
        Backbone backbone,
        LabelledImages images,
        Func<LayerReport, TrainTestCodes, T> finish,
        LayerStudyOptions? options = null,
        IProgress<StudyProgress>? progress = null,
        CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(backbone);
        ArgumentNullException.ThrowIfNull(images);
        ArgumentNullException.ThrowIfNull(finish);
        options ??= new LayerStudyOptions();
        options.Check();
        var taps = StudyTaps.Of(backbone, options);
        var split = images.SplitTrainTest();
        split = split.WasGiven ? split : split with { Train = images, Test = images.Where(static _ => false) };
        RequireFewClasses(split.Train);
        var stages = new List<StageTime>();
        var costs = StageTime.Measure(stages, "time the layers", () => Costs(backbone, taps, progress, cancellation));
        options.Budget.RequireAny([.. taps.Select(tap => (costs[tap.Point.Name], HeadBytes(split.Train.Classes.Count, tap.Width)))]);
        using var codes = StageTime.Measure(stages, "extract codes", () => TrainTestCodes.Extract(backbone, images, split, taps, options.Store, options.Extraction, StudyProgress.OfExtraction(progress), cancellation));
        IReadOnlyList<LayerScore> scores = StageTime.Measure(stages, "train the heads", () => Scores(codes, taps, costs, options, progress, cancellation));
        scores = StageTime.Measure(stages, "guess without training", () => AccuracyGuesses.AddTo(scores, codes, options.Head.Threads, cancellation));
        var recommended = Recommendation.Of(scores, options.Budget);
        var concatenations = StageTime.Measure(stages, "join layers", () => Concatenation.Try([.. scores.Where(options.Budget.Allows)], recommended.Best, Fits, codes, options.Head, progress, cancellation));
        var report = new LayerReport
        {
            Scores = scores,
            Budget = options.Budget,
            Recommended = recommended,
            Concatenations = concatenations,
            Proof = codes.Codes.Proof,
            TrainImages = codes.Train.Count,
            TestImages = codes.Test.Count,
            Classes = split.Train.Classes,
            Skipped = codes.Codes.Skipped,
            Notes = [.. split.Train.Notes.Union(split.Test.Notes), .. options.Taps is null && backbone.Taps.LostStages is { } lost ? [lost] : (string[])[]],
            Stages = stages,
        };
        return finish(report, codes);

        bool Fits(JoinedTaps pair) =>
            !options.Budget.Limits || options.Budget.Allows(CutCost.Measure(backbone, pair, cancellation), HeadBytes(split.Train.Classes.Count, pair.Width));
    }

    private static long HeadBytes(int classes, int width) => sizeof(float) * (long)classes * (width + 1);

    /// <summary>By tensor: how its positions are pooled makes no difference that could be measured.</summary>
    private static Dictionary<string, CutCost> Costs(
        Backbone backbone, IReadOnlyList<Tap> taps, IProgress<StudyProgress>? progress, CancellationToken cancellation)
    {
        var costs = new Dictionary<string, CutCost>(StringComparer.Ordinal);
        Tap[] layers = [.. taps.DistinctBy(static tap => tap.Point.Name)];
        foreach (var tap in layers)
        {
            progress?.Report(new StudyProgress("Timing layers", costs.Count, layers.Length));
            costs[tap.Point.Name] = CutCost.Measure(backbone, new JoinedTaps(tap), cancellation);
        }

        return costs;
    }

    private static LayerScore[] Scores(
        TrainTestCodes codes, IReadOnlyList<Tap> taps, Dictionary<string, CutCost> costs, LayerStudyOptions options,
        IProgress<StudyProgress>? progress, CancellationToken cancellation)
    {
        (Tap Tap, HeadLoss Loss)[] heads = [.. taps.SelectMany(tap => options.Losses.Distinct().Select(loss => (tap, loss)))];
        var done = 0;
        progress?.Report(new StudyProgress("Training heads", 0, heads.Length));
        return SideBySide.Train([.. heads.Select(static head => head.Tap.Width)], codes.Train.Count, codes.Split.Train.Classes.Count, options.Head, (i, shared) =>
        {
            var (tap, loss) = heads[i];
            var column = codes.Codes.Column(tap);
            var (matrix, labels) = codes.Read(column, codes.Train);
            TrainTestCodes.RequireDifference(matrix, tap.Key);
            var head = LinearHead.Train(matrix, labels, shared with { Loss = loss }, cancellation);
            var judged = LayerTrial.Judge(head, matrix, labels, shared, cancellation);
            var score = Score(tap, head, judged, codes, column, costs[tap.Point.Name]);
            progress?.Report(new StudyProgress("Training heads", Interlocked.Increment(ref done), heads.Length));
            return score;
        });
    }

    private static LayerScore Score(
        Tap tap, LinearHead head, (CCandidate CrossValidated, IReadOnlyList<bool?> HeldOut) judged, TrainTestCodes codes, CodeColumn column, CutCost cost)
    {
        Evaluation? test = null;
        if (codes.Test.Count > 0)
        {
            var (matrix, truth) = codes.Read(column, codes.Test);
            test = head.Evaluate(matrix, truth);
        }

        return new LayerScore
        {
            Tap = tap,
            Loss = head.Loss,
            C = head.C,
            CrossValidated = judged.CrossValidated,
            HeldOut = judged.HeldOut,
            Test = test,
            Converged = head.Certificate.Converged,
            HeadBytes = HeadBytes(head.Labels.Count, tap.Width),
            Cost = cost,
        };
    }

    private static void RequireFewClasses(LabelledImages images)
    {
        if (images.Classes.Count > MostClasses)
        {
            throw new OnnxTransferException(
                FailureKind.Data,
                string.Create(
                    CultureInfo.InvariantCulture,
                    $"{images.Source} has {images.Classes.Count:N0} classes, and a study trains heads of at most {MostClasses:N0} on every layer; compare layers on some of the classes, and fit the others with what is recommended."));
        }
    }
}
