using System.Globalization;
using System.Text.Json;

namespace OnnxTransfer.FineTuning;

/// <summary>What a training can be resumed from.</summary>
/// <param name="State">Weights, statistics and moments.</param>
/// <param name="Position">Where the loop stands.</param>
/// <param name="Average">The average of the weights, where one is kept.</param>
/// <param name="Seconds">How long it has taken so far.</param>
/// <param name="Epoch">The training loss of the epoch that it stands in.</param>
internal sealed record Resumption(TrainingState State, LoopPosition Position, AverageState? Average, double Seconds, EpochLoss Epoch);

/// <summary>The training loss of an epoch so far.</summary>
/// <param name="Sum">Its sum over the images.</param>
/// <param name="Images">How many there were.</param>
internal readonly record struct EpochLoss(double Sum, int Images);

/// <summary>
/// The folder of a training: <c>checkpoint</c>, and beside it the average of its moment and the weights of its best epoch, with numbers in their names;
/// the head that it began with, <c>rate.json</c> where the learning rate was searched for, <c>metrics.jsonl</c> and <c>loss.svg</c>. A file is replaced as a whole, and the checkpoint last: a process killed anywhere leaves one that can be gone on with.
/// </summary>
internal sealed class TrainingFolder(string path, TrainingProgram program)
{
    private const string CheckpointName = "checkpoint";
    private const string RateName = "rate.json";
    private const string SecondsKey = "loop.seconds";
    private const string LossKey = "loop.epochLoss";
    private const string ImagesKey = "loop.epochImages";
    private const string AverageKey = "loop.average";

    /// <summary>The folder.</summary>
    public string Path { get; } = path;

    /// <summary>The metrics.</summary>
    public string Metrics => In("metrics.jsonl");

    /// <summary>The picture of the loss.</summary>
    public string Chart => In("loss.svg");

    /// <summary>The search for the learning rate.</summary>
    public string Rate => In(RateName);

    /// <summary>The checkpoint.</summary>
    public string Checkpoint => In(CheckpointName);

    /// <summary>Makes the folder.</summary>
    /// <param name="path">Where.</param>
    /// <param name="resume">Whether its checkpoint will be gone on with.</param>
    /// <exception cref="OnnxTransferException">
    /// <see cref="FailureKind.Usage"/>: there is a checkpoint that would be lost, or none to go on with; <see cref="FailureKind.Machine"/>: it cannot be made.
    /// </exception>
    public static void Begin(string path, bool resume)
    {
        if (File.Exists(System.IO.Path.Combine(path, CheckpointName)) != resume)
        {
            throw new OnnxTransferException(
                FailureKind.Usage,
                resume
                    ? $"There is no checkpoint in {path} to go on with; leave out --resume, or name the folder with --folder."
                    : $"{path} has the checkpoint of a training that has not ended; go on with it by --resume, or remove the folder.");
        }

        try
        {
            Directory.CreateDirectory(path);
            if (!resume)
            {
                File.Delete(System.IO.Path.Combine(path, RateName));
            }
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw WholeFile.CannotWrite(path, e);
        }
    }

    /// <summary>Keeps what a search for the learning rate found.</summary>
    public void WriteRate(RateRange found) => WholeFile.WriteText(Rate, JsonSerializer.Serialize(found, JsonSerializerOptions.Web) + "\n");

    /// <summary>What the search found.</summary>
    /// <exception cref="OnnxTransferException">
    /// <see cref="FailureKind.Usage"/>: the training was given its rate; <see cref="FailureKind.Data"/>: the file is damaged.
    /// </exception>
    public RateRange ReadRate()
    {
        if (!File.Exists(Rate))
        {
            throw new OnnxTransferException(FailureKind.Usage, $"The training in {Path} did not search for its learning rate; go on with the --rate that it was given, or leave --rate out.");
        }

        try
        {
            if (JsonSerializer.Deserialize<RateRange>(File.ReadAllText(Rate), JsonSerializerOptions.Web) is { Curve.Count: > 0, Suggested: > 0 } found)
            {
                return found;
            }
        }
        catch (Exception e) when (e is JsonException or IOException or UnauthorizedAccessException)
        {
            throw Damaged(e);
        }

        throw Damaged(null);

        OnnxTransferException Damaged(Exception? e) => new(FailureKind.Data, $"{Rate} has no usable learning rate; go on with the --rate that stands in it, or start anew.", e);
    }

    /// <summary>Writes a checkpoint.</summary>
    /// <exception cref="OnnxTransferException"><see cref="FailureKind.Machine"/>: it cannot be written; the one before is still there.</exception>
    public void Write(Resumption resumption)
    {
        var texts = new Dictionary<string, string>(StringComparer.Ordinal) { [SecondsKey] = Exact(resumption.Seconds), [LossKey] = Exact(resumption.Epoch.Sum) };
        if (resumption.Average is { } average)
        {
            texts[AverageKey] = $"average-{resumption.Position.Updates}";
            Weights(average.Parameters, average.Statistics, average.Updates).Write(In(texts[AverageKey]), program);
        }

        var longs = new Dictionary<string, long>(StringComparer.Ordinal) { [ImagesKey] = resumption.Epoch.Images };
        foreach (var (name, value) in resumption.Position.ToProperties())
        {
            if (value is long number)
            {
                longs[name] = number;
            }
            else
            {
                texts[name] = (string)value;
            }
        }

        new Checkpoint { State = resumption.State, Longs = longs, Texts = texts }.Write(Checkpoint, program);
        string?[] named = [texts.GetValueOrDefault(AverageKey), BestName(resumption.Position.Best.Epoch)];
        Remove(BesideCheckpoint().Where(file => !named.Contains(System.IO.Path.GetFileName(file))));
    }

    /// <summary>Reads the checkpoint.</summary>
    /// <exception cref="OnnxTransferException">As for <see cref="FineTuning.Checkpoint.Read"/>.</exception>
    public Resumption Read()
    {
        var checkpoint = FineTuning.Checkpoint.Read(Checkpoint, program);
        var properties = checkpoint.Longs.Select(pair => KeyValuePair.Create(pair.Key, (object)pair.Value))
            .Concat(checkpoint.Texts.Select(pair => KeyValuePair.Create(pair.Key, (object)pair.Value))).ToDictionary(StringComparer.Ordinal);
        var average = checkpoint.Texts.TryGetValue(AverageKey, out var file) ? FineTuning.Checkpoint.Read(In(System.IO.Path.GetFileName(file)), program).State : null;
        return new Resumption(
            checkpoint.State, LoopPosition.FromProperties(properties), average is null ? null : new AverageState(average.Parameters, average.Statistics, average.Step), Number(SecondsKey),
            new EpochLoss(Number(LossKey), (int)checkpoint.Longs.GetValueOrDefault(ImagesKey)));

        // 0 where another engine has written the checkpoint.
        double Number(string key) => double.TryParse(checkpoint.Texts.GetValueOrDefault(key), CultureInfo.InvariantCulture, out var value) ? value : 0;
    }

    /// <summary>Keeps the weights of the best epoch; those of the one before go when a checkpoint knows of it.</summary>
    public void WriteBest(int epoch, IReadOnlyDictionary<string, float[]> parameters, IReadOnlyDictionary<string, float[]> statistics, long updates) =>
        Weights(parameters, statistics, updates).Write(In(BestName(epoch)), program);

    /// <summary>The weights of the best epoch.</summary>
    public TrainingState ReadBest(int epoch) => FineTuning.Checkpoint.Read(In(BestName(epoch)), program).State;

    /// <summary>Removes what a training that has ended no longer needs: all but the metrics, their picture and the search for the rate; the checkpoint, which names the others, first.</summary>
    public void End() => Remove([Checkpoint, .. BesideCheckpoint(), .. StartingHead.Files(Path)]);

    private static Checkpoint Weights(IReadOnlyDictionary<string, float[]> parameters, IReadOnlyDictionary<string, float[]> statistics, long updates) => new()
    {
        State = new TrainingState { Parameters = parameters, Statistics = statistics, Moments = new Dictionary<string, float[][]>(), Step = updates },
    };

    private static string Exact(double number) => number.ToString("R", CultureInfo.InvariantCulture);

    private string In(string name) => System.IO.Path.Combine(Path, name);

    // Epochs count from 0, and the start is before them.
    private static string BestName(int epoch) => string.Create(CultureInfo.InvariantCulture, $"best-{epoch + 1}");

    private IEnumerable<string> BesideCheckpoint() => Directory.GetFiles(Path, "average-*").Concat(Directory.GetFiles(Path, "best-*"));

    private void Remove(IEnumerable<string> files)
    {
        try
        {
            foreach (var file in files)
            {
                File.Delete(file);
            }
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new OnnxTransferException(FailureKind.Machine, $"Cannot remove what is no longer needed in {Path}: {e.Message.TrimEnd('.')}; check its permissions.", e);
        }
    }
}
