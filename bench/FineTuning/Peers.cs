using System.Diagnostics;
using System.Runtime.InteropServices;
using System.Text.Json;

namespace OnnxTransfer.Bench.FineTuning;

/// <summary>The processes that are compared.</summary>
internal sealed class Peers(string folder, string python)
{
    /// <summary>Our engine's forms, with its own operators and in ONNX's alone, and PyTorch's two layouts.</summary>
    public const string Ours = "custom", Standard = "standard", Theirs = "default", OtherLayout = "channels_last";

    /// <summary>PyTorch's steps in double: what the others are to find.</summary>
    public const string Judge = "double";

    /// <summary>PyTorch's first gradients where ReLUs pass and poolings take what ours do.</summary>
    public const string Bent = "bent";

    /// <summary>The same in double.</summary>
    public const string JudgeBent = "double_bent";

    /// <summary>The networks, with the statistics of their batch normalisations.</summary>
    public static IReadOnlyList<(string Network, string Mode)> Networks { get; } =
        [("squeezenet1_1", "frozen"), ("resnet18", "frozen"), ("resnet18", "moving"), ("mobilenet_v2", "frozen"), ("mobilenet_v2", "moving")];

    /// <summary>Ours, ours in ONNX's operators alone, and PyTorch's two layouts.</summary>
    public static IReadOnlyList<string> Forms { get; } = [Ours, Standard, Theirs, OtherLayout];

    private static string Script => Path.Combine(AppContext.BaseDirectory, "torch_steps.py");

    /// <summary>Has PyTorch write a network, where it is not there yet.</summary>
    public void Export(string network)
    {
        if (!File.Exists(Path.Combine(folder, network + ".onnx")))
        {
            Output(python, [Script, "export", folder, network]);
        }
    }

    /// <summary>Runs steps in a process of their own.</summary>
    public Figures Run(string network, string mode, int count, string form, int steps = 10)
    {
        var said = form is Ours or Standard
            ? Output(Environment.ProcessPath!, ["steps", folder, network, mode, $"{count}", form, $"{steps}"])
            : Output(python, [Script, "run", folder, network, mode, $"{count}", form, $"{steps}"]);
        return JsonSerializer.Deserialize<Figures>(said, JsonSerializerOptions.Web)!;
    }

    /// <summary>Makes the files of <see cref="Bent"/> and <see cref="JudgeBent"/>; to be called after ours has run.</summary>
    public void Bend(string network, string mode, int count)
    {
        Output(Environment.ProcessPath!, ["bends", folder, network, mode, $"{count}", Ours]);
        foreach (var form in new[] { Bent, JudgeBent })
        {
            Run(network, mode, count, form, steps: 1);
        }

        File.Delete(Path.Combine(folder, $"{network}-{mode}-{count}.bends"));
    }

    /// <summary>PyTorch's losses, in one of its layouts, on the batches that stand in the folder's curve.f32.</summary>
    public float[] Curve(string network, int count, double rate, string layout, int steps) => JsonSerializer.Deserialize<float[]>(
        Output(python, [Script, "curve", folder, network, $"{count}", $"{rate}", layout, $"{steps}"]))!;

    /// <summary>The gradients of a form's first step, every parameter's by its name.</summary>
    public IReadOnlyDictionary<string, float[]> Gradients(string network, string mode, int count, string form)
    {
        var (values, start) = (MemoryMarshal.Cast<byte, float>(File.ReadAllBytes(Path.Combine(folder, $"{network}-{mode}-{count}.{form}"))).ToArray(), 0);
        var gradients = new SortedDictionary<string, float[]>(StringComparer.Ordinal);
        foreach (var parameter in FineTuning.Steps.Compile(folder, network, mode).Program.Parameters.OrderBy(parameter => parameter.Name, StringComparer.Ordinal))
        {
            gradients[parameter.Name] = values[start..(start += parameter.Count)];
        }

        return gradients;
    }

    private static string Output(string program, IEnumerable<string> arguments)
    {
        using var process = Process.Start(new ProcessStartInfo(program, arguments) { RedirectStandardOutput = true })!;
        var said = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        return process.ExitCode == 0 ? said : throw new OnnxTransferException(FailureKind.Machine, $"{program} ended with {process.ExitCode}; it needs PyTorch, torchvision and onnx.");
    }
}
