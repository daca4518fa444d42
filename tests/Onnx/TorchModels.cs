using System.Diagnostics;
using System.Security.Cryptography;

namespace OnnxTransfer.Onnx.Tests;

/// <summary>
/// Torchvision's architectures as ONNX files with random weights, exported once by tests/goldens/models/export_models.py into
/// artifacts/test-models and kept there until the script changes. Tests that need one are skipped where Python, PyTorch,
/// torchvision or onnx are missing.
/// </summary>
internal static class TorchModels
{
    private const string Python = "/usr/bin/python3";
    private static readonly Lock Exporting = new();

    /// <summary>Every architecture at its usual size, with a symbolic batch.</summary>
    public static readonly string[] Families =
    [
        "alexnet", "vgg11", "vgg16", "squeezenet1_1", "resnet18", "resnet50", "densenet121", "googlenet", "inception_v3", "mobilenet_v2",
        "mobilenet_v3_small", "mobilenet_v3_large", "efficientnet_b0", "shufflenet_v2_x1_0", "convnext_tiny", "vit_b_16",
    ];

    /// <summary>The path of an export: the name of an architecture, with "-batch1" or "-anysize" behind it for those variants.</summary>
    public static string Path(string name)
    {
        var script = Repository.PathOf("tests", "goldens", "models", "export_models.py");
        var hash = Convert.ToHexStringLower(SHA256.HashData(File.ReadAllBytes(script)))[..12];
        var path = Repository.PathOf("artifacts", "test-models", hash, name + ".onnx");
        lock (Exporting)
        {
            if (!File.Exists(path))
            {
                Run(script, System.IO.Path.GetDirectoryName(path)!, name);
            }
        }

        return path;
    }

    /// <summary>What a script of tests/goldens/models prints; the test is skipped where Python's packages are missing.</summary>
    public static string Run(string script, params string[] arguments)
    {
        if (!File.Exists(Python))
        {
            Assert.Ignore($"needs {Python}: not found");
        }

        var (status, output, error) = Start([Repository.PathOf("tests", "goldens", "models", script), .. arguments]);
        if (status != 0 && error.Contains("ModuleNotFoundError", StringComparison.Ordinal))
        {
            Assert.Ignore("needs Debian's python3-torch, python3-torchvision and python3-onnx: " + error.Trim().Split('\n')[^1]);
        }

        Assert.That(status, Is.Zero, error);
        return output;
    }

    private static (int Status, string Output, string Error) Start(IEnumerable<string> arguments)
    {
        using var process = Process.Start(new ProcessStartInfo(Python, arguments) { RedirectStandardOutput = true, RedirectStandardError = true })!;
        var error = process.StandardError.ReadToEndAsync();
        var output = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        return (process.ExitCode, output, error.Result);
    }
}
