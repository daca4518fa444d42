using System.Diagnostics;

namespace OnnxTransfer.Heads.Tests;

/// <summary>A Python with NumPy as an independent witness; tests that need it are skipped, with the reason, where there is none.</summary>
internal static class Python
{
    private static readonly Lazy<string?> Interpreter = new(static () =>
        new[] { "/usr/bin/python3", "python3" }.FirstOrDefault(static name => Start(name, ["-c", "import numpy"]) is { Code: 0 }));

    /// <summary>Runs a script with arguments and returns what it printed.</summary>
    public static string Run(string script, params string[] arguments) => RunAny(["-c", script, .. arguments]);

    /// <summary>Runs a file with arguments and returns what it printed.</summary>
    public static string RunFile(string path, params string[] arguments) => RunAny([path, .. arguments]);

    /// <summary>Whether a module can be imported.</summary>
    public static bool Has(string module) =>
        Interpreter.Value is { } name && Start(name, ["-c", $"import {module}"]) is { Code: 0 };

    private static string RunAny(string[] arguments)
    {
        if (Interpreter.Value is null)
        {
            Assert.Ignore("needs Python with NumPy");
        }

        var result = Start(Interpreter.Value!, arguments)!.Value;
        Assert.That(result.Code, Is.Zero, result.Output + result.Errors);
        return result.Output;
    }

    private static (int Code, string Output, string Errors)? Start(string name, string[] arguments)
    {
        try
        {
            using var process = Process.Start(
                new ProcessStartInfo(name, arguments) { RedirectStandardOutput = true, RedirectStandardError = true })!;
            var errors = process.StandardError.ReadToEndAsync();
            var output = process.StandardOutput.ReadToEnd();
            process.WaitForExit();
            return (process.ExitCode, output, errors.Result);
        }
        catch (System.ComponentModel.Win32Exception)
        {
            return null;
        }
    }
}
