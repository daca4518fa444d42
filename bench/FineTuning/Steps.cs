using System.Diagnostics;
using System.Globalization;
using System.Text.Json;
using Microsoft.ML.OnnxRuntime;
using OnnxTransfer.Engine;
using OnnxTransfer.FineTuning;
using OnnxTransfer.Onnx;

namespace OnnxTransfer.Bench.FineTuning;

/// <summary>What a child process found.</summary>
/// <param name="Seconds">The shortest step.</param>
/// <param name="Processor">The least processor time of a step, over all threads.</param>
/// <param name="Losses">The losses.</param>
/// <param name="Megabytes">The most memory the process held.</param>
/// <param name="Version">Of what ran.</param>
internal sealed record Figures(double Seconds, double Processor, float[] Losses, double Megabytes, string Version);

/// <summary>Full steps of our engine on one network, in a process of its own.</summary>
internal static class Steps
{
    private const int Classes = 1000, Pixels = 3 * 224 * 224;

    // So small that float32's own differences do not grow beyond a hundredth of the loss within ten steps.
    public const double Rate = 0.0005;

    /// <summary>Runs steps and prints the figures as JSON; the gradients of the first go to a file beside the network.</summary>
    /// <param name="folder">Has NETWORK.onnx.</param>
    /// <param name="network">The network.</param>
    /// <param name="mode">frozen or moving statistics; tail, after the frozen prefix; head alone.</param>
    /// <param name="count">The images of a batch.</param>
    /// <param name="form">custom operators, or standard ones; or the latter on a provider of that name.</param>
    /// <param name="repeats">The number of steps.</param>
    public static void Run(string folder, string network, string mode, int count, string form, int repeats)
    {
        var compiled = Compile(folder, network, mode);
        using var engine = new GraphEngine(
            compiled.Program, compiled.Start, new Sgd { Momentum = 0.9, Nesterov = false }, null, 2, ProviderOf(form), FormOf(form));
        var batch = Batch(compiled.Program, count);
        var (losses, best, least) = (new List<float>(), double.MaxValue, double.MaxValue);
        for (var step = 0; step < repeats; step++)
        {
            var (start, busy) = (Stopwatch.GetTimestamp(), Environment.CpuUsage.TotalTime);
            losses.Add(engine.Accumulate(batch).Loss);
            if (step == 0)
            {
                Write(Path.Combine(folder, $"{network}-{mode}-{count}.{form}"), engine.Gradients());
            }

            engine.Update(Rate);
            best = Math.Min(best, Stopwatch.GetElapsedTime(start).TotalSeconds);
            least = Math.Min(least, (Environment.CpuUsage.TotalTime - busy).TotalSeconds);
        }

        var peak = File.ReadLines("/proc/self/status").First(static line => line.StartsWith("VmHWM", StringComparison.Ordinal)).Split(':')[1].Trim().Split(' ')[0];
        Console.WriteLine(JsonSerializer.Serialize(
            new Figures(best, least, [.. losses], double.Parse(peak, CultureInfo.InvariantCulture) / 1024, $"ONNX Runtime {OrtEnv.Instance().GetVersionString()}"), JsonSerializerOptions.Web));
    }

    /// <summary>What a form runs on.</summary>
    public static ExecutionProvider ProviderOf(string form) => form is Peers.Ours or Peers.Standard ? ExecutionProvider.Cpu : ExecutionProvider.Named(form);

    /// <summary>The form of the gradients graph that it means.</summary>
    public static GradientForm FormOf(string form) => form switch { Peers.Ours => GradientForm.Custom, Peers.Standard => GradientForm.Standard, _ => GradientForm.Gpu };

    public static CompiledProgram Compile(string folder, string network, string mode)
    {
        // Networks for other images than 224 x 224 are called after their size too: resnet18-64.
        var size = network.Contains('-', StringComparison.Ordinal) ? int.Parse(network.Split('-')[1], CultureInfo.InvariantCulture) : 224;
        var model = OpsetRaise.To17(OnnxModel.Read(Path.Combine(folder, network + ".onnx")));
        return ProgramCompiler.Compile(model, "output", new TensorShape([Dim.Named("N"), Dim.Of(3), Dim.Of(size), Dim.Of(size)]), new ProgramOptions
        {
            Learned = mode switch
            {
                "tail" => slot => Last(network).Any(prefix => slot.Name.StartsWith(prefix, StringComparison.Ordinal)),
                "head" => slot => slot.Name.StartsWith("classifier", StringComparison.Ordinal) || slot.Name.StartsWith("fc.", StringComparison.Ordinal),
                _ => null,
            },
            BatchStatistics = mode == "moving",
            Loss = (builder, logits, targets, classes) => SoftmaxCrossEntropy.Append(builder, logits, targets, classes, 0),
        });
    }

    // The last stage of each network and its classifier.
    private static string[] Last(string network) => network switch
    {
        "resnet18" => ["layer4.", "fc."],
        "squeezenet1_1" or "squeezenet1_1_linear" => ["features.12.", "classifier."],
        _ => ["features.14.", "features.15.", "features.16.", "features.17.", "features.18.", "classifier."],
    };

    public static TrainingBatch Batch(TrainingProgram program, int count)
    {
        var inputs = program.Inputs.Select(input => Values(count * (int)input.Dims.Aggregate(1L, static (product, dim) => product * dim))).ToArray();
        var targets = new float[count * Classes];
        for (var image = 0; image < count; image++)
        {
            targets[(image * Classes) + (image * 37 % Classes)] = 1;
        }

        return new TrainingBatch(count, inputs, targets);
    }

    /// <summary>All that the gradients graph takes, at the start of a training.</summary>
    public static Dictionary<string, OrtValue> Inputs(CompiledProgram compiled, TrainingBatch batch)
    {
        var (program, start) = (compiled.Program, compiled.Start);
        return program.Inputs.Select((input, index) => (input.Name, Values: batch.Inputs[index], Dims: (long[])[batch.Count, .. input.Dims]))
            .Append((Name: TrainingProgram.Targets, Values: batch.Targets, Dims: [batch.Count, program.Classes]))
            .Concat(program.Parameters.Select(parameter => (parameter.Name, Values: start.Parameters[parameter.Name], Dims: parameter.Dims.ToArray())))
            .Concat(program.Statistics.Select(statistic => (statistic.Name, Values: start.Statistics[statistic.Name], Dims: (long[])[statistic.Count])))
            .ToDictionary(static tensor => tensor.Name, static tensor => OrtValue.CreateTensorValueFromMemory(tensor.Values, tensor.Dims), StringComparer.Ordinal);
    }

    // i times the golden ratio's 2654435761 modulo 2^32, in [-1, 1).
    private static float[] Values(int count)
    {
        var values = new float[count];
        for (var i = 0; i < count; i++)
        {
            values[i] = (float)((unchecked((uint)i * 2654435761u) / 2147483648.0) - 1);
        }

        return values;
    }

    private static void Write(string path, IReadOnlyDictionary<string, float[]> gradients)
    {
        using var file = File.Create(path);
        foreach (var name in gradients.Keys.Order(StringComparer.Ordinal))
        {
            file.Write(System.Runtime.InteropServices.MemoryMarshal.AsBytes<float>(gradients[name]));
        }
    }
}
