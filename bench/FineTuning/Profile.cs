using System.Text.Json;
using Microsoft.ML.OnnxRuntime;
using OnnxTransfer.FineTuning;

namespace OnnxTransfer.Bench.FineTuning;

/// <summary>Where the time of a gradients graph goes, by operator, as ONNX Runtime's own profile has it.</summary>
internal static class Profile
{
    private const int Runs = 5;

    /// <summary>Runs the graph five times and prints the mean milliseconds of each operator in the last four.</summary>
    public static void Run(string folder, string network, string mode, int count, string form)
    {
        var compiled = Steps.Compile(folder, network, mode);
        var program = compiled.Program;
        using var options = new SessionOptions { IntraOpNumThreads = 2, EnableProfiling = true, ProfileOutputPathPrefix = Path.Combine(folder, "profile") };
        options.AddSessionConfigEntry("session.intra_op.allow_spinning", "0");
        if (form == "custom")
        {
            CustomDomain.Register(options);
        }

        using var session = new InferenceSession((form == "custom" ? program.Custom!.Value.Gradients : program.Gradients).ToBytes(), options);
        var batch = Steps.Batch(program, count);
        var inputs = program.Inputs.Select((input, i) => (input.Name, Value: OrtValue.CreateTensorValueFromMemory(batch.Inputs[i], [count, .. input.Dims])))
            .Append((TrainingProgram.Targets, OrtValue.CreateTensorValueFromMemory(batch.Targets, [count, program.Classes])))
            .Concat(program.Parameters.Select(parameter => (parameter.Name, OrtValue.CreateTensorValueFromMemory(compiled.Start.Parameters[parameter.Name], [.. parameter.Dims]))))
            .Concat(program.Statistics.Select(statistic => (statistic.Name, OrtValue.CreateTensorValueFromMemory(compiled.Start.Statistics[statistic.Name], [statistic.Count]))))
            .ToDictionary(pair => pair.Name, pair => pair.Item2);
        using var run = new RunOptions();
        for (var i = 0; i < Runs; i++)
        {
            session.Run(run, inputs, session.OutputNames).Dispose();
        }

        var path = session.EndProfiling();
        var events = JsonDocument.Parse(File.ReadAllText(path)).RootElement.EnumerateArray()
            .Where(entry => entry.GetProperty("cat").GetString() == "Node" && entry.GetProperty("name").GetString()!.EndsWith("_kernel_time", StringComparison.Ordinal)).ToList();
        File.Delete(path);
        var each = events.Count / Runs;
        var last = events.Skip(each).Select(entry => (Op: entry.GetProperty("args").GetProperty("op_name").GetString()!, Name: entry.GetProperty("name").GetString()!,
            Milliseconds: entry.GetProperty("dur").GetDouble() / 1000 / (Runs - 1))).ToList();
        foreach (var (op, total, nodes) in last.GroupBy(node => node.Op).Select(group => (group.Key, group.Sum(node => node.Milliseconds), group.Count() / (Runs - 1))).OrderByDescending(group => group.Item2).Take(16))
        {
            Console.WriteLine($"{op} x {nodes}: {total:F1}");
        }

        foreach (var node in last.GroupBy(node => node.Name).Select(group => (group.Key, Sum: group.Sum(one => one.Milliseconds))).OrderByDescending(node => node.Sum).Take(14))
        {
            Console.WriteLine($"    {node.Key}: {node.Sum:F1}");
        }
    }
}
