using System.ComponentModel;
using System.Diagnostics;

namespace OnnxTransfer.Engine.Tests;

/// <summary>What a program left behind: its exit status, its standard output, and both its outputs together.</summary>
internal sealed record ProgramRun(int Status, string Output, string Everything);

/// <summary>Runs other programs.</summary>
internal static class Programs
{
    /// <summary>Runs a program to its end; null where there is no such program. One that takes too long is killed and fails the test.</summary>
    public static ProgramRun? Run(string folder, TimeSpan most, string program, params string[] arguments)
    {
        var start = new ProcessStartInfo(program, arguments)
        {
            WorkingDirectory = folder,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        start.Environment["MSBUILDDISABLENODEREUSE"] = "1";
        start.Environment["DOTNET_CLI_TELEMETRY_OPTOUT"] = "1";
        Process? process;
        try
        {
            process = Process.Start(start);
        }
        catch (Win32Exception)
        {
            return null;
        }

        using (process)
        {
            var output = process!.StandardOutput.ReadToEndAsync();
            var errors = process.StandardError.ReadToEndAsync();
            if (!process.WaitForExit(most))
            {
                process.Kill(entireProcessTree: true);
                Assert.Fail($"{program} {string.Join(' ', arguments)} took more than {most}.");
            }

            return new ProgramRun(process.ExitCode, output.Result, output.Result + errors.Result);
        }
    }
}
