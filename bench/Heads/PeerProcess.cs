using System.ComponentModel;
using System.Diagnostics;
using System.Text.Json;

namespace OnnxTransfer.Bench.Heads;

/// <summary>What a peer is.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Head">What it minimises.</param>
/// <param name="Penalised">Whether its intercept is penalised.</param>
/// <param name="Threads">Its threads.</param>
/// <param name="Types">The number types it takes, fast to precise.</param>
/// <param name="Tolerances">From loose to tight; 0 where it has none.</param>
/// <param name="Knob">What these numbers are.</param>
internal sealed record Peer(
    string Name, string Head, bool Penalised, int Threads, IReadOnlyList<string> Types, IReadOnlyList<double> Tolerances, string Knob = "tol");

/// <summary>The first line of a process that has peers.</summary>
/// <param name="Versions">What they are made of.</param>
/// <param name="Notes">What a reader of the table should know.</param>
/// <param name="Choice">The peer that chooses C; null where there is none.</param>
/// <param name="Peers">Who is there.</param>
/// <param name="Environment">The variables with which the process, started again, is the same.</param>
internal sealed record Hello(
    IReadOnlyDictionary<string, string> Versions, IReadOnlyList<string> Notes, string? Choice, IReadOnlyList<Peer> Peers,
    IReadOnlyDictionary<string, string>? Environment = null);

/// <summary>A request for one fit.</summary>
internal sealed record FitRequest(
    string Peer, string Problem, double C, double Tolerance, string Type, string Weights, double RepeatSeconds, int Repeats);

/// <summary>A request for a choice of C among <paramref name="Choose"/>.</summary>
internal sealed record ChoiceRequest(IReadOnlyList<double> Choose, int Folds, string Problem, double Tolerance, string Weights);

/// <summary>An answer: that the clock runs, or what was measured, or why nothing was.</summary>
internal sealed record Answer(
    bool Started = false, double Seconds = 0, int Fits = 0, long? Iterations = null, double C = 0, double Accuracy = 0, string? Error = null);

/// <summary>
/// Peers in a process of their own, spoken to by lines of JSON, so that a fit over the time limit can be ended: a library
/// cannot be asked to stop.
/// </summary>
internal sealed class PeerProcess : IDisposable
{
    /// <summary>The spelling of the lines.</summary>
    public static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web);

    private static readonly TimeSpan ToLoad = TimeSpan.FromMinutes(30);

    private readonly ProcessStartInfo start;
    private Process process;

    /// <summary>Starts it.</summary>
    public PeerProcess(string program, params string[] arguments)
    {
        start = new ProcessStartInfo(program, arguments) { RedirectStandardInput = true, RedirectStandardOutput = true };
        (process, Hello) = Start();
        foreach (var (name, value) in Hello.Environment ?? new Dictionary<string, string>())
        {
            start.Environment[name] = value;
        }
    }

    /// <summary>Who is there.</summary>
    public Hello Hello { get; }

    /// <summary>
    /// The answer to a request; null where the fit took longer than the limit (the process is ended, and starts again).
    /// </summary>
    public Answer? Ask(object request, double limit)
    {
        process.StandardInput.WriteLine(JsonSerializer.Serialize(request, Json));
        process.StandardInput.Flush();
        if (Read<Answer>(ToLoad) is not { } first)
        {
            throw Silent("has not begun the fit after half an hour");
        }

        if (!first.Started)
        {
            return first;
        }

        if (Read<Answer>(TimeSpan.FromSeconds(limit)) is { } answer)
        {
            return answer;
        }

        End();
        (process, _) = Start();
        return null;
    }

    public void Dispose() => End();

    private (Process Process, Hello Hello) Start()
    {
        try
        {
            process = Process.Start(start)!;
        }
        catch (Win32Exception e)
        {
            throw new OnnxTransferException(
                FailureKind.Machine, $"Cannot start {start.FileName} ({e.Message}); name a Python with scikit-learn with --python.", e);
        }

        return (process, Read<Hello>(ToLoad) ?? throw Silent("says nothing"));
    }

    private T? Read<T>(TimeSpan limit)
        where T : class
    {
        var line = process.StandardOutput.ReadLineAsync();
        return !line.Wait(limit)
            ? null
            : JsonSerializer.Deserialize<T>(line.Result ?? throw Silent("has ended without an answer"), Json);
    }

    private void End()
    {
        if (!process.HasExited)
        {
            process.Kill(entireProcessTree: true);
        }

        process.WaitForExit();
        process.Dispose();
    }

    private OnnxTransferException Silent(string what) => new(
        FailureKind.Machine, $"The peer process {start.FileName} {string.Join(' ', start.ArgumentList)} {what}; see its messages above.");
}
