using System.Diagnostics;
using OnnxTransfer.Bench.Extraction;

namespace OnnxTransfer.Bench.Heads;

/// <summary>What was measured with what, where and when.</summary>
internal sealed record About(
    string Processor, int Processors, string Date, string Commit, string Arguments, IReadOnlyDictionary<string, string> Versions,
    IReadOnlyList<string> Notes, IReadOnlyList<string> Sizes)
{
    public static About Of(BenchRun run, string[] args) => new(
        Machine.Processor(),
        Environment.ProcessorCount,
        $"{DateTime.UtcNow:yyyy-MM-dd}",
        Git("describe", "--always", "--dirty"),
        string.Join(' ', args.Select(static word => word.Contains(' ') ? $"'{word}'" : word)),
        run.Hellos.SelectMany(static hello => hello.Versions).Prepend(new(".NET", Environment.Version.ToString())).ToDictionary(),
        [.. run.Hellos.SelectMany(static hello => hello.Notes)],
        run.Sizes);

    private static string Git(params string[] arguments)
    {
        using var git = Process.Start(new ProcessStartInfo("git", arguments) { RedirectStandardOutput = true })!;
        var said = git.StandardOutput.ReadToEnd().Trim();
        git.WaitForExit();
        return git.ExitCode == 0 ? said : "unknown";
    }
}
