using System.Globalization;
using OnnxTransfer.Engine;
using OnnxTransfer.FineTuning;
using OnnxTransfer.Study;
using Spectre.Console;

namespace OnnxTransfer.Cli.Output;

/// <summary>A bar for work that counts images; on a terminal only.</summary>
internal static class ProgressBar
{
    /// <summary>Runs an extraction with a bar that tells images done, reused and left out.</summary>
    public static T Extraction<T>(Report report, string what, Func<IProgress<ExtractionProgress>?, T> work) =>
        Run<ExtractionProgress, T>(report, what, work, (task, at) =>
        {
            task.MaxValue = at.Total;
            task.Value = at.Done;
            var extra = (at.Reused > 0 ? $", {at.Reused} from the store" : string.Empty) + (at.Skipped > 0 ? $", {at.Skipped} left out" : string.Empty);
            task.Description = string.Create(CultureInfo.InvariantCulture, $"{what} {at.Done}/{at.Total}{extra}").EscapeMarkup();
        });

    /// <summary>Runs work that reports how many of <paramref name="total"/> images are done.</summary>
    public static T Images<T>(Report report, string what, int total, Func<IProgress<int>?, T> work) =>
        Run<int, T>(report, what, work, (task, done) =>
        {
            task.MaxValue = total;
            task.Value = done;
            task.Description = string.Create(CultureInfo.InvariantCulture, $"{what} {done}/{total}").EscapeMarkup();
        });

    /// <summary>Runs a study with a bar for each of its stages in turn.</summary>
    public static T Study<T>(Report report, Func<IProgress<StudyProgress>?, T> work) =>
        Run<StudyProgress, T>(report, "Reading", work, (task, at) =>
        {
            task.MaxValue = at.Total;
            task.Value = at.Done;
            task.Description = string.Create(CultureInfo.InvariantCulture, $"{at.Stage} {at.Done}/{at.Total}").EscapeMarkup();
        });

    /// <summary>Runs a training with a bar for the codes of its head, then one that tells epoch, loss and its curve, and speed.</summary>
    public static T FineTuning<T>(Report report, Func<IProgress<ExtractionProgress>?, IProgress<FineTuneProgress>?, T> work)
    {
        var curve = report.People.Profile.Capabilities.Unicode ? new LossCurve() : null;
        return Run<object, T>(
            report,
            "Reading",
            progress => work(progress is null ? null : new Direct<ExtractionProgress>(progress.Report), progress is null ? null : new Direct<FineTuneProgress>(progress.Report)),
            (task, at) =>
            {
                (task.MaxValue, task.Value, var text) = at switch
                {
                    FineTuneProgress { Epoch: 0 } search => (
                        search.Updates, search.Update,
                        string.Create(CultureInfo.InvariantCulture, $"Searching the learning rate {search.Update}/{search.Updates}, {search.Left:h\\:mm\\:ss} left at most")),
                    FineTuneProgress train => (
                        train.Updates, train.Update,
                        string.Create(CultureInfo.InvariantCulture, $"Epoch {train.Epoch}/{train.Epochs}, loss {train.Loss:F3} {curve?.After(train.Update, train.Updates, train.Loss)} {train.ImagesPerSecond:F1} images/s, {train.Left:h\\:mm\\:ss} left")),
                    ExtractionProgress codes => (codes.Total, codes.Done, string.Create(CultureInfo.InvariantCulture, $"Extracting codes {codes.Done}/{codes.Total}")),
                    _ => (task.MaxValue, task.Value, task.Description),
                };
                task.Description = text.EscapeMarkup();
            });
    }

    private static TResult Run<TProgress, TResult>(
        Report report, string what, Func<IProgress<TProgress>?, TResult> work, Action<ProgressTask, TProgress> show)
    {
        if (!report.IsLive)
        {
            return work(null);
        }

        return report.People.Progress()
            .AutoClear(true)
            .Columns(new TaskDescriptionColumn(), new ProgressBarColumn(), new PercentageColumn(), new RemainingTimeColumn())
            .Start(context =>
            {
                var task = context.AddTask(what.EscapeMarkup());
                return work(new Direct<TProgress>(at => show(task, at)));
            });
    }

    /// <summary>Calls at once: Progress&lt;T&gt; would post to the thread pool and could show an old state last.</summary>
    private sealed class Direct<T>(Action<T> show) : IProgress<T>
    {
        private readonly Lock gate = new();

        public void Report(T value)
        {
            lock (gate)
            {
                show(value);
            }
        }
    }
}
