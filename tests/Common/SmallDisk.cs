using System.Diagnostics;

namespace OnnxTransfer.Tests;

/// <summary>A file system in memory; the test is skipped, with the reason, where it cannot be mounted.</summary>
internal sealed class SmallDisk : IDisposable
{
    private readonly string folder;

    public SmallDisk(string folder, string options)
    {
        this.folder = folder;
        Directory.CreateDirectory(folder);
        if (!OperatingSystem.IsLinux() || !Run("mount", "-t", "tmpfs", "-o", options, "onnxtransfer-test", folder))
        {
            Assert.Ignore("needs the right to mount a tmpfs");
        }
    }

    public void Resize(string options) => Assert.That(Run("mount", "-o", $"remount,{options}", folder), Is.True);

    public void Dispose() => Run("umount", "--lazy", folder);

    private static bool Run(string program, params string[] arguments)
    {
        try
        {
            using var process = Process.Start(new ProcessStartInfo(program, arguments) { RedirectStandardError = true })!;
            process.StandardError.ReadToEnd();
            process.WaitForExit();
            return process.ExitCode == 0;
        }
        catch (System.ComponentModel.Win32Exception)
        {
            return false;
        }
    }
}
