using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace OnnxTransfer.FineTuning;

/// <summary>
/// Where a training stands: with the weights and what the optimizer remembers, all that a checkpoint holds. Random numbers,
/// rates and orders are functions of it.
/// </summary>
/// <param name="Seed">The seed.</param>
/// <param name="Epoch">The epoch of the next batch, from 0.</param>
/// <param name="Batch">The next batch's number in it; the first of an update.</param>
/// <param name="Updates">The updates so far.</param>
/// <param name="Best">The best validation, its epoch and how long ago it was.</param>
/// <param name="Options">The hash of the options and of the images' ids: with others, this position means nothing.</param>
internal sealed record LoopPosition(long Seed, int Epoch, int Batch, long Updates, BestValidation Best, string Options)
{
    private const string Prefix = "loop.";

    /// <summary>The start of a training.</summary>
    public static LoopPosition Start(long seed, string options) => new(seed, 0, 0, 0, BestValidation.None, options);

    /// <summary>SHA-256 over texts, each with its length before it, in hexadecimal.</summary>
    public static string HashOf(IEnumerable<string> texts)
    {
        ArgumentNullException.ThrowIfNull(texts);
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        foreach (var text in texts)
        {
            hash.AppendData(Encoding.UTF8.GetBytes(string.Create(CultureInfo.InvariantCulture, $"{text.Length}:{text}\n")));
        }

        return Convert.ToHexStringLower(hash.GetHashAndReset());
    }

    /// <summary>The position after a batch.</summary>
    /// <param name="plan">The batches of epochs and updates.</param>
    /// <exception cref="ArgumentOutOfRangeException">The batch is none of the epoch's.</exception>
    public LoopPosition AfterBatch(UpdatePlan plan)
    {
        ArgumentNullException.ThrowIfNull(plan);
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(Batch, plan.BatchesPerEpoch);
        var next = this with { Batch = Batch + 1, Updates = Updates + (plan.EndsUpdate(Batch) ? 1 : 0) };
        return next.Batch == plan.BatchesPerEpoch ? next with { Epoch = Epoch + 1, Batch = 0 } : next;
    }

    /// <summary>Refuses to go on with other options or images.</summary>
    /// <exception cref="OnnxTransferException"><see cref="FailureKind.Usage"/>: the hashes differ.</exception>
    public void RequireSame(string options)
    {
        if (options != Options)
        {
            throw new OnnxTransferException(
                FailureKind.Usage,
                "The checkpoint was made with other options or other images; resume with the same ones, or start anew.");
        }
    }

    /// <summary>The position as a checkpoint's properties: long and string values; a double is its shortest exact text.</summary>
    public IReadOnlyDictionary<string, object> ToProperties() => new Dictionary<string, object>(StringComparer.Ordinal)
    {
        [Prefix + "seed"] = Seed,
        [Prefix + "epoch"] = (long)Epoch,
        [Prefix + "batch"] = (long)Batch,
        [Prefix + "updates"] = Updates,
        [Prefix + "bestAccuracy"] = Best.Accuracy.ToString("R", CultureInfo.InvariantCulture),
        [Prefix + "bestLoss"] = Best.Loss.ToString("R", CultureInfo.InvariantCulture),
        [Prefix + "bestEpoch"] = (long)Best.Epoch,
        [Prefix + "waited"] = (long)Best.Waited,
        [Prefix + "options"] = Options,
    };

    /// <summary>The position that properties hold; others among them are not looked at.</summary>
    /// <exception cref="OnnxTransferException"><see cref="FailureKind.Data"/>: one is missing, of another type or out of range.</exception>
    public static LoopPosition FromProperties(IReadOnlyDictionary<string, object> properties)
    {
        ArgumentNullException.ThrowIfNull(properties);
        var best = new BestValidation(
            Number(properties, "bestAccuracy"),
            Number(properties, "bestLoss"),
            Whole(properties, "bestEpoch", -1),
            Whole(properties, "waited", 0));
        var updates = Value<long>(properties, "updates");
        return new LoopPosition(
            Value<long>(properties, "seed"),
            Whole(properties, "epoch", 0),
            Whole(properties, "batch", 0),
            updates >= 0 ? updates : throw Wrong("updates"),
            best,
            Value<string>(properties, "options"));
    }

    private static double Number(IReadOnlyDictionary<string, object> properties, string name) =>
        double.TryParse(Value<string>(properties, name), NumberStyles.Float, CultureInfo.InvariantCulture, out var value) ? value : throw Wrong(name);

    private static int Whole(IReadOnlyDictionary<string, object> properties, string name, int least)
    {
        var value = Value<long>(properties, name);
        return value >= least && value <= int.MaxValue ? (int)value : throw Wrong(name);
    }

    private static T Value<T>(IReadOnlyDictionary<string, object> properties, string name) =>
        properties.TryGetValue(Prefix + name, out var value) && value is T typed ? typed : throw Wrong(name);

    private static OnnxTransferException Wrong(string name) => new(
        FailureKind.Data, $"The checkpoint has no usable property {Prefix}{name}; take another checkpoint, or start anew.");
}
