using System.Diagnostics;
using System.Globalization;

namespace OnnxTransfer.FineTuning;

/// <summary>What a loop is told.</summary>
internal sealed record LoopOptions
{
    /// <summary>How often every image is seen.</summary>
    public required int Epochs { get; init; }

    /// <summary>The learning rate of each update.</summary>
    public required RateSchedule Schedule { get; init; }

    /// <summary>The batches of epochs and updates.</summary>
    public required UpdatePlan Plan { get; init; }

    /// <summary>When it ends early.</summary>
    public required EarlyStopping Stopping { get; init; }

    /// <summary>The decay of the average of the weights; 0: none.</summary>
    public required double AverageDecay { get; init; }

    /// <summary>A checkpoint after so many updates; 0: none but those of epochs and minutes.</summary>
    public required int CheckpointUpdates { get; init; }

    /// <summary>A checkpoint after so many minutes.</summary>
    public required double CheckpointMinutes { get; init; }
}

/// <summary>What a loop came to.</summary>
/// <param name="Parameters">
/// The weights to keep: of the best epoch where there is a validation part, or those that training began with where none is better; else the last; the
/// average where one is kept.
/// </param>
/// <param name="Statistics">Their running statistics.</param>
/// <param name="Position">Where it ended.</param>
/// <param name="Seconds">How long it took, interruptions left out.</param>
internal sealed record LoopResult(
    IReadOnlyDictionary<string, float[]> Parameters, IReadOnlyDictionary<string, float[]> Statistics, LoopPosition Position, double Seconds);

/// <summary>
/// Epochs of batches, updates, validations and checkpoints. Everything that is drawn or scheduled is a function of the position,
/// so that a training that was killed and resumed has the same bits as one that was not.
/// </summary>
internal sealed class TrainingLoop(
    ITrainingEngine engine, LoopOptions options, BatchSource training, EpochOrder order, Func<IReadOnlyDictionary<string, float[]>, IReadOnlyDictionary<string, float[]>, Validation>? validate,
    TrainingFolder folder)
{
    private static readonly TimeSpan Paused = TimeSpan.FromSeconds(0.5);

    /// <summary>Runs to the end, or until validation no longer gets better.</summary>
    /// <param name="start">The start, or where a checkpoint stands.</param>
    /// <param name="progress">Told of every update.</param>
    /// <param name="cancellation">Stops at the next batch; the last update is in the checkpoint, or where it is made of several batches the last one written.</param>
    /// <exception cref="OnnxTransferException">
    /// <see cref="FailureKind.Mathematics"/>: the loss or a gradient is not finite; <see cref="FailureKind.Machine"/>: a checkpoint cannot be written;
    /// <see cref="FailureKind.Interrupted"/>: cancelled.
    /// </exception>
    public LoopResult Run(Resumption start, IProgress<FineTuneProgress>? progress, CancellationToken cancellation)
    {
        var (position, clock, told, saved) = (start.Position, Stopwatch.StartNew(), -Paused, TimeSpan.Zero);
        var total = options.Plan.Total(options.Epochs);
        var average = options.AverageDecay <= 0 ? null
            : start.Average is { } kept ? new WeightAverage(options.AverageDecay, kept) : new WeightAverage(options.AverageDecay, start.State);
        using var metrics = position.Updates == 0 ? MetricsLog.Start(folder.Metrics) : MetricsLog.Resume(folder.Metrics, position.Updates);
        var (epoch, update) = (new Sum(before: start.Epoch), new Sum());
        var (isBetween, written) = (true, position.Updates);

        // A training that was killed after it had ended early must not learn on.
        var epochs = options.Stopping.IsOver(position.Best) ? position.Epoch : options.Epochs;
        try
        {
            if (position.Updates == 0 && validate is not null)
            {
                position = Validated(position, BestValidation.Start, new MetricsLine("start", 0, 0, null, 0, 0, start.Seconds + clock.Elapsed.TotalSeconds));
                epoch = new Sum(clock.Elapsed);
                update = new Sum(clock.Elapsed);
            }

            foreach (var batch in training.Read(order.From(position.Epoch, position.Batch, epochs), cancellation))
            {
                isBetween = false;
                var loss = engine.Accumulate(batch.Data).Loss;
                RequireFinite(loss, "The loss", position, batch);
                update.Add(loss, batch.Data.Count);
                epoch.Add(loss, batch.Data.Count);
                var ends = options.Plan.EndsUpdate(batch.Plan.Index);
                var (rate, length) = (options.Schedule(position.Updates, total), 0.0);
                if (ends)
                {
                    RequireFinite(length = engine.Update(rate), "The gradient", position, batch);
                    average?.Add(engine.State());
                }

                position = position.AfterBatch(options.Plan);
                if (!ends)
                {
                    continue;
                }

                var speed = update.Count / update.Since(clock.Elapsed);
                metrics.Write(new MetricsLine("update", position.Updates, batch.Plan.Epoch, update.Mean, rate, speed, start.Seconds + clock.Elapsed.TotalSeconds)
                {
                    GradientLength = length,
                });
                update = new Sum(clock.Elapsed);
                if (clock.Elapsed - told > Paused || position.Updates == total)
                {
                    told = clock.Elapsed;
                    progress?.Report(new FineTuneProgress(position.Updates, total, batch.Plan.Epoch + 1, options.Epochs, epoch.Mean, speed, Left(position.Updates - start.Position.Updates, total - position.Updates)));
                }

                if (position.Batch == 0)
                {
                    RequireFiniteWeights(position, batch);
                    position = Validated(position, batch.Plan.Epoch, new MetricsLine(
                        "epoch", position.Updates, batch.Plan.Epoch, epoch.Mean, rate, epoch.Count / epoch.Since(clock.Elapsed), start.Seconds + clock.Elapsed.TotalSeconds));
                    epoch = new Sum(clock.Elapsed);
                    if (options.Stopping.IsOver(position.Best))
                    {
                        Save();
                        break;
                    }
                }

                var isDue = options.CheckpointUpdates > 0 && position.Updates % options.CheckpointUpdates == 0;
                if (isDue || position.Batch == 0 || clock.Elapsed - saved > TimeSpan.FromMinutes(options.CheckpointMinutes))
                {
                    RequireFiniteWeights(position, batch);
                    Save();
                }

                isBetween = true;
            }
        }
        catch (OperationCanceledException e)
        {
            // In the middle of an update the running statistics are ahead of the weights, and in that of a validation the epochs are: what is kept then is
            // the checkpoint before.
            if (isBetween && position.Updates > written && WeightBeyondRange() is null)
            {
                Save();
            }

            throw new OnnxTransferException(
                FailureKind.Interrupted,
                $"Interrupted after {position.Updates:N0} of {total:N0} updates; "
                + (written > 0 ? $"a checkpoint after {written:N0} is in {folder.Path}, go on with --resume." : "there is no checkpoint yet, start anew."),
                e);
        }

        return Result();

        LoopPosition Validated(LoopPosition at, int number, MetricsLine line)
        {
            var (parameters, statistics) = Weights();
            var found = validate?.Invoke(parameters, statistics);
            metrics.Write(line with { ValidationLoss = found?.Loss, ValidationAccuracy = found?.Accuracy });
            if (found is null)
            {
                return at;
            }

            var best = at.Best.After(number, found.Accuracy, found.Loss);
            if (best.Waited == 0)
            {
                folder.WriteBest(best.Epoch, parameters, statistics, at.Updates);
            }

            return at with { Best = best };
        }

        void Save()
        {
            folder.Write(new Resumption(engine.State(), position, average?.State(), start.Seconds + clock.Elapsed.TotalSeconds, epoch.Loss));
            (saved, written) = (clock.Elapsed, position.Updates);
        }

        (IReadOnlyDictionary<string, float[]> Parameters, IReadOnlyDictionary<string, float[]> Statistics) Weights() =>
            average?.State() is { } smooth ? (smooth.Parameters, smooth.Statistics) : engine.State() is var state ? (state.Parameters, state.Statistics) : default;

        LoopResult Result()
        {
            var (parameters, statistics) = Weights();
            if (position.Best.IsKnown)
            {
                var best = folder.ReadBest(position.Best.Epoch);
                (parameters, statistics) = (best.Parameters, best.Statistics);
            }

            return new LoopResult(parameters, statistics, position, start.Seconds + clock.Elapsed.TotalSeconds);
        }

        TimeSpan Left(long done, long left) => done == 0 ? TimeSpan.Zero : clock.Elapsed / done * left;
    }

    private void RequireFinite(double value, string what, LoopPosition position, ReadBatch batch)
    {
        if (double.IsFinite(value))
        {
            return;
        }

        var kept = File.Exists(folder.Checkpoint) ? $"the last good checkpoint is in {folder.Path}" : "there is no checkpoint yet";
        throw new OnnxTransferException(
            FailureKind.Mathematics,
            string.Create(
                CultureInfo.InvariantCulture,
                $"{what} is not finite in update {position.Updates + 1}, whose batch was {string.Join(", ", batch.Ids)}; train with a smaller --rate or --clip, or look at these images ({kept})."));
    }

    // Finite gradients can move weights beyond float32; those must be neither kept nor exported.
    private void RequireFiniteWeights(LoopPosition position, ReadBatch batch)
    {
        if (WeightBeyondRange() is { } name)
        {
            RequireFinite(double.NaN, $"The weight '{name}'", position with { Updates = position.Updates - 1 }, batch);
        }
    }

    private string? WeightBeyondRange()
    {
        var state = engine.State();
        return state.Parameters.Concat(state.Statistics).FirstOrDefault(static weight => !Array.TrueForAll(weight.Value, float.IsFinite)).Key;
    }

    // A sum over images, what stood in it before a resumption included, and how many came since it began, and when that was.
    private sealed class Sum(TimeSpan began = default, EpochLoss before = default)
    {
        public EpochLoss Loss { get; private set; } = before;

        public int Count { get; private set; }

        public double Mean => Loss.Sum / Loss.Images;

        public void Add(double mean, int count) => (Loss, Count) = (new EpochLoss(Loss.Sum + (mean * count), Loss.Images + count), Count + count);

        public double Since(TimeSpan now) => Math.Max((now - began).TotalSeconds, 1e-9);
    }
}
