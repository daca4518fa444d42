using System.Diagnostics;
using OnnxTransfer.Heads;

namespace OnnxTransfer.Bench.Heads;

/// <summary>Codes and their classes.</summary>
/// <param name="Name">The folder's name.</param>
/// <param name="Folder">Where X.npy and y.npy are.</param>
/// <param name="Codes">N x D.</param>
/// <param name="Truth">N class indices.</param>
internal sealed record Problem(string Name, string Folder, CodeMatrix Codes, int[] Truth)
{
    /// <summary>K.</summary>
    public int Classes { get; } = Truth.Max() + 1;

    /// <summary>The classes' names, which no solver looks at.</summary>
    public string[] Labels => [.. Enumerable.Range(0, Classes).Select(static k => $"{k}")];

    /// <summary>N x D, K classes, in words.</summary>
    public string Size => $"{Name} is {Codes.Rows:N0} x {Codes.Columns:N0} with {Classes} classes";

    /// <summary>Reads a problem; one that is not there is made.</summary>
    /// <exception cref="OnnxTransferException"><see cref="FailureKind.Data"/>: it is not there and cannot be made.</exception>
    public static Problem Load(string name, BenchOptions options)
    {
        var folder = Path.GetFullPath(Path.Combine(options.Folder, name));
        if (!File.Exists(Path.Combine(folder, "problem.json")))
        {
            Make(name, options);
        }

        return new Problem(name, folder, Npy.ReadCodes(Path.Combine(folder, "X.npy")), Npy.ReadLabels(Path.Combine(folder, "y.npy")));
    }

    private static void Make(string name, BenchOptions options)
    {
        var script = Path.GetFullPath(Path.Combine(options.Shared, "heads", "make_problems.py"));
        if (!File.Exists(script))
        {
            throw new OnnxTransferException(
                FailureKind.Data, $"Problem {name} is not in {options.Folder}, and {script}, which makes it, is missing; name their folders with --folder or --shared.");
        }

        Console.Error.WriteLine($"making problem {name}");
        using var process = Process.Start(new ProcessStartInfo(options.Python, [script, options.Folder, name]) { RedirectStandardOutput = true })!;
        process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        if (process.ExitCode != 0)
        {
            throw new OnnxTransferException(FailureKind.Data, $"{script} could not make problem {name} (exit status {process.ExitCode}); see its message above.");
        }
    }
}
