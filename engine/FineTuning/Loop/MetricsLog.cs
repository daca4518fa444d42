using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace OnnxTransfer.FineTuning;

/// <summary>A line of the metrics: of an update, of an epoch, whose numbers are means over it, or of the validation before the first update.</summary>
/// <param name="Kind">"update", "epoch" or "start".</param>
/// <param name="Step">The updates so far.</param>
/// <param name="Epoch">The epoch, from 0.</param>
/// <param name="Loss">The mean training loss; null at the start, and where it is not finite, which JSON cannot say.</param>
/// <param name="Rate">The learning rate; 0 at the start.</param>
/// <param name="ImagesPerSecond">Images by the time they took; 0 at the start.</param>
/// <param name="Seconds">Since the start, those before a resumption included.</param>
internal sealed record MetricsLine(
    string Kind, long Step, int Epoch, double? Loss, double Rate, double ImagesPerSecond, double Seconds)
{
    /// <summary>The length of the mean gradient of all weights, before it was shortened; only in lines of updates.</summary>
    public double? GradientLength { get; init; }

    /// <summary>The mean loss of the validation part; not in lines of updates.</summary>
    public double? ValidationLoss { get; init; }

    /// <summary>The share of the validation part that is classified right; not in lines of updates.</summary>
    public double? ValidationAccuracy { get; init; }
}

/// <summary>
/// The metrics of a training as JSON lines. Each line is one write to the end of the file, so that a killed process leaves
/// whole lines; what a failing machine leaves of the last one is cut off at the resumption.
/// </summary>
internal sealed class MetricsLog : IDisposable
{
    private static readonly JsonSerializerOptions Options = new()
    {
        PropertyNamingPolicy = JsonNamingPolicy.CamelCase,
        DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
    };

    private readonly string path;
    private readonly FileStream stream;

    private MetricsLog(string path, IEnumerable<string> lines)
    {
        this.path = path;
        WholeFile.WriteText(path, string.Concat(lines.Select(static line => line + "\n")));
        try
        {
            stream = new FileStream(path, FileMode.Append, FileAccess.Write, FileShare.Read, bufferSize: 0);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw WholeFile.CannotWrite(path, e);
        }
    }

    /// <summary>Starts a file; one that is there is replaced.</summary>
    /// <exception cref="OnnxTransferException"><see cref="FailureKind.Machine"/>: it cannot be written.</exception>
    public static MetricsLog Start(string path) => new(path, []);

    /// <summary>Goes on with a file after <paramref name="step"/> updates: lines of later ones, and a broken last one, are cut off.</summary>
    /// <exception cref="OnnxTransferException">
    /// <see cref="FailureKind.Data"/>: a line that is none of metrics; <see cref="FailureKind.Machine"/>: it cannot be read or written.
    /// </exception>
    public static MetricsLog Resume(string path, long step) => new(path, WholeLines(path).Where(line => Parse(path, line).Step <= step));

    /// <summary>The lines of a file; a broken last one is left out.</summary>
    /// <exception cref="OnnxTransferException">As for <see cref="Resume"/>.</exception>
    public static IReadOnlyList<MetricsLine> Read(string path) => [.. WholeLines(path).Select(line => Parse(path, line))];

    /// <summary>Writes a line.</summary>
    /// <exception cref="OnnxTransferException"><see cref="FailureKind.Machine"/>: it cannot be written.</exception>
    public void Write(MetricsLine line)
    {
        ArgumentNullException.ThrowIfNull(line);
        var finite = line with { Loss = Finite(line.Loss), ValidationLoss = Finite(line.ValidationLoss) };
        try
        {
            stream.Write(Encoding.UTF8.GetBytes(JsonSerializer.Serialize(finite, Options) + "\n"));
        }
        catch (IOException e)
        {
            throw WholeFile.CannotWrite(path, e);
        }
    }

    /// <inheritdoc/>
    public void Dispose() => stream.Dispose();

    private static double? Finite(double? value) => value is { } number && double.IsFinite(number) ? number : null;

    private static string[] WholeLines(string path)
    {
        try
        {
            var text = File.Exists(path) ? File.ReadAllText(path) : string.Empty;
            return text[..(text.LastIndexOf('\n') + 1)].Split('\n', StringSplitOptions.RemoveEmptyEntries);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new OnnxTransferException(
                FailureKind.Machine, $"Cannot read {path}: {e.Message.TrimEnd('.')}; check its permissions.", e);
        }
    }

    private static MetricsLine Parse(string path, string line)
    {
        try
        {
            return JsonSerializer.Deserialize<MetricsLine>(line, Options) ?? throw new JsonException();
        }
        catch (JsonException e)
        {
            throw new OnnxTransferException(
                FailureKind.Data, $"{path} has a line that is no metrics: {line[..Math.Min(60, line.Length)]}; move the file away.", e);
        }
    }
}
