using OnnxTransfer.Datasets;
using OnnxTransfer.Engine;

namespace OnnxTransfer.FineTuning;

/// <summary>Fine-tuning: a pretrained network and labelled photos in, a network trained on them out.</summary>
public static class FineTune
{
    private const int LargestValidationBatch = 64;

    private const string NothingStored = "Nothing is kept in the store: only a frozen part of the network that sees unchanged images is run once for each (--augment none with --train-from head, a stage or a layer).";

    private const string StartWasKept = "No epoch was better on the validation part than the start, which was kept; a smaller --rate, more epochs or more photos may help.";

    /// <summary>
    /// Trains a linear head on the codes of the training part, joins it to the network, trains both, keeps the epoch that is
    /// best on the validation part (or the start, where none is better), exports it and tests it once. The frozen part of the network is run once for each image
    /// where images are not changed, else for each batch.
    /// </summary>
    /// <param name="backbone">The pretrained network.</param>
    /// <param name="images">The labelled photos.</param>
    /// <param name="output">Where the model goes.</param>
    /// <param name="options">How; null: all by default.</param>
    /// <param name="extraction">Hears how far the codes are.</param>
    /// <param name="progress">Hears how far the training is.</param>
    /// <param name="cancellation">Stops; the last update is in the checkpoint.</param>
    /// <exception cref="OnnxTransferException">
    /// Usage: an option. Data: labels, classes, bad images, a damaged checkpoint. Model: the tap; a node that cannot be
    /// differentiated, with the layer from which on training works; a checkpoint of another model. Machine: the files.
    /// Mathematics: a loss that is not finite. Interrupted: cancelled.
    /// </exception>
    public static FineTuneReport Run(
        Backbone backbone, LabelledImages images, string output, FineTuneOptions? options = null,
        IProgress<ExtractionProgress>? extraction = null, IProgress<FineTuneProgress>? progress = null, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(backbone);
        ArgumentNullException.ThrowIfNull(images);
        ArgumentException.ThrowIfNullOrEmpty(output);
        options ??= new FineTuneOptions();
        options.Check();
        options.Head.Check();
        TrainingEngines.RequireInstalled(options.Engine, backbone.Provider);
        Quantised.Refuse(backbone.Model);
        ModelExport.RequirePlace(backbone, output);
        var augmentation = AugmentationOptions.Parse(options.Augmentation);
        var (stages, parts, tap) = (new List<StageTime>(), TrainingParts.Of(images, options), backbone.Tap(options.Tap, options.Pooling));
        var place = options.Folder ?? output + ".training";
        TrainingFolder.Begin(place, options.Resume);
        var start = StartingClassifier.Make(backbone, tap, parts, options, place, stages, extraction, cancellation);
        var compiled = StageTime.Measure(stages, "compile", () => ClassifierCompiler.Compile(backbone, start.Classifier, options));
        var (program, threads) = (compiled.Program, options.StepThreads);
        var folder = new TrainingFolder(place, program);

        var columns = compiled.Frozen is null ? null : TrainingSources.Columns(backbone.Taps, tap, program.Inputs.Select(input => input.Name));
        var isCached = columns is not null && !augmentation.ChangesImages && augmentation.Mixup == 0 && augmentation.Cutmix == 0;
        using var frozen = compiled.Frozen is null || isCached ? null : new FrozenNetwork(
            compiled.Frozen, compiled.Image, CodeNetwork.ImageShape(backbone.Taps), program.Inputs, threads, backbone.Provider);
        using var sources = isCached
            ? TrainingSources.OfCodes(backbone, parts, columns!, start.Labels, options, extraction, cancellation)
            : TrainingSources.OfImages(backbone.Recipe, parts, start.Labels, augmentation, options, frozen, cancellation);
        var order = new EpochOrder(options.Seed, sources.Training.Count, options.Batch, program.Statistics.Count > 0 ? LastBatch.Merge : LastBatch.Keep);
        var search = !options.FindRate ? null : StageTime.Measure(stages, "find the rate", () => RateSearch.Of(
            folder, options.Resume, () => Open(compiled.Start), sources.Training, order, progress, cancellation));
        options = search is null ? options : options with { FindRate = false, Rate = search.Suggested };
        var essence = EssenceOf(backbone, parts, sources, options);
        var plan = new UpdatePlan(order.Batches, options.Accumulate);
        var resumption = options.Resume ? folder.Read() : new Resumption(compiled.Start, LoopPosition.Start(options.Seed, essence), null, 0, default);
        resumption.Position.RequireSame(essence);

        using var engine = Open(resumption.State);
        using var evaluator = new ProgramEvaluator(program, threads, backbone.Provider);
        var loop = new TrainingLoop(
            engine,
            LoopOptionsOf(options, plan),
            sources.Training,
            order,
            sources.Validation is not { } part ? null : (parameters, statistics) => evaluator.Of(
                parameters, statistics, part.Read(EpochOrder.InPlace(part.Count, Math.Min(options.Batch, LargestValidationBatch)), cancellation).Select(batch => batch.Data)),
            folder);
        var result = StageTime.Measure(stages, "train", () => loop.Run(resumption, progress, cancellation));

        var best = result.Position.Best.IsKnown ? result.Position.Best.Epoch + 1 : (int?)null;
        var description = TunedModel.Describe(options, result.Position.Updates, best, sources);
        var tuned = TunedModel.Make(start.Classifier, result.Parameters.Concat(result.Statistics).ToDictionary(StringComparer.Ordinal), description);
        StageTime.Measure(stages, "export", () =>
        {
            tuned.Write(output);
            return true;
        });
        var test = StageTime.Measure(stages, "test", () =>
        {
            using var classifier = ImageClassifier.Load(output);
            return ModelEvaluation.Of(classifier, parts.Test, maxBadShare: options.Extraction.MaxBadShare, cancellation: cancellation);
        });
        var metrics = MetricsLog.Read(folder.Metrics);
        WholeFile.WriteText(folder.Chart, LossChart.Svg(metrics));
        folder.End();
        return new FineTuneReport
        {
            Tap = tap,
            Head = start.Start?.Head,
            HeadTestAccuracy = start.Start?.TestAccuracy,
            Test = test.Evaluation,
            Learned = program.Parameters.Sum(parameter => (long)parameter.Count),
            Border = compiled.Frozen is null ? [] : [.. program.Inputs.Select(input => input.Name)],
            IsCached = isCached,
            TrainImages = sources.Training.Count,
            ValidationImages = sources.Validation?.Count ?? 0,
            Start = metrics.FirstOrDefault(line => line.Kind == "start") is { ValidationAccuracy: { } accuracy } line ? new ValidationReport(line.ValidationLoss, accuracy) : null,
            Epochs = [.. metrics.Where(line => line.Kind == "epoch")
                .Select(line => new EpochReport(line.Epoch + 1, line.Step, line.Loss, line.ValidationLoss, line.ValidationAccuracy, line.ImagesPerSecond))],
            BestEpoch = best,
            Updates = result.Position.Updates,
            Losses = [.. metrics.Where(line => line.Kind == "update").Select(line => new UpdateReport(line.Step, line.Loss, line.Rate))],
            Description = description,
            Runtime = Engine.Runtime.Version,
            Rate = options.TrainingRate,
            RateSearch = search,
            Metrics = folder.Metrics,
            Chart = folder.Chart,
            Skipped = [.. sources.Skipped.Concat(test.Skipped)],
            Notes =
            [
                .. parts.Notes,
                .. best == 0 ? (string[])[StartWasKept] : [],
                .. options.Store is not null && !isCached ? (string[])[NothingStored] : [],
            ],
            Stages = stages,
        };

        ITrainingEngine Open(TrainingState state) => TrainingEngines.Open(options.Engine, program, state, OptimizerOf(options), options.Clip > 0 ? options.Clip : null, threads, backbone.Provider);
    }

    // What a training that is resumed must have in common with the one before it.
    private static string EssenceOf(Backbone backbone, TrainingParts parts, TrainingSources sources, FineTuneOptions options) => LoopPosition.HashOf(
    [
        options.Essence(), backbone.Model.Sha256, backbone.Recipe.ToJson(), .. parts.Train.Concat(parts.Validation).Select(image => $"{image.Id}={image.Label}"),
        "learned from", .. sources.Training.Ids, "validated on", .. sources.Validation?.Ids ?? [],
    ]);

    private static LoopOptions LoopOptionsOf(FineTuneOptions options, UpdatePlan plan) => new()
    {
        Epochs = options.Epochs,
        Schedule = RateSchedules.Named(options.Schedule, options.TrainingRate).WithWarmUp((long)(options.WarmUp * plan.Total(options.Epochs))),
        Plan = plan,
        Stopping = new EarlyStopping(options.Patience ?? 0),
        AverageDecay = options.AverageDecay,
        CheckpointUpdates = options.CheckpointUpdates,
        CheckpointMinutes = options.CheckpointMinutes,
    };

    private static Optimizer OptimizerOf(FineTuneOptions options) => options.Optimizer == "adamw"
        ? new AdamW { WeightDecay = options.WeightDecay }
        : new Sgd { Momentum = options.Momentum, Nesterov = options.Momentum > 0, WeightDecay = options.WeightDecay };
}
