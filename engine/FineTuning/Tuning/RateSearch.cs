using System.Diagnostics;

namespace OnnxTransfer.FineTuning;

/// <summary>The search for the learning rate before a training: <see cref="RateFinder"/> on the first batches that the training will read.</summary>
internal static class RateSearch
{
    /// <summary>
    /// Searches and keeps the result in the training's folder, or reads it there where a training is resumed. The batches are read
    /// again by the training, and nothing else of it is touched.
    /// </summary>
    /// <param name="folder">The training's folder.</param>
    /// <param name="resume">Whether the training is resumed.</param>
    /// <param name="open">Opens an engine at the training's start.</param>
    /// <param name="training">The images to learn from.</param>
    /// <param name="order">Their order.</param>
    /// <param name="progress">Hears of every update.</param>
    /// <param name="cancellation">Stops.</param>
    /// <exception cref="OnnxTransferException">As for <see cref="RateFinder.Find"/> and <see cref="TrainingFolder.ReadRate"/>.</exception>
    public static RateRange Of(
        TrainingFolder folder, bool resume, Func<ITrainingEngine> open, BatchSource training, EpochOrder order, IProgress<FineTuneProgress>? progress,
        CancellationToken cancellation)
    {
        if (resume)
        {
            return folder.ReadRate();
        }

        var (options, clock, done) = (new RateFinderOptions(), Stopwatch.StartNew(), 0);
        var plan = order.From(0, 0, (options.Steps / order.Batches) + 1).Take(options.Steps);
        var found = RateFinder.Find(open, training.Read(plan, cancellation).Select(Told), options, cancellation);
        folder.WriteRate(found);
        return found;

        TrainingBatch Told(ReadBatch batch)
        {
            var seconds = clock.Elapsed.TotalSeconds;
            done++;
            progress?.Report(new FineTuneProgress(
                done, options.Steps, 0, 0, double.NaN, done * batch.Data.Count / seconds, TimeSpan.FromSeconds(seconds / done * (options.Steps - done))));
            return batch.Data;
        }
    }
}
