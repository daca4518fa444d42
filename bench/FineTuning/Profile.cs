using System.Text.Json;
using Microsoft.ML.OnnxRuntime;
using OnnxTransfer.FineTuning;

namespace OnnxTransfer.Bench.FineTuning;

/// <summary>Where the time of a gradients graph goes, by operator, as ONNX Runtime's own profile has it.</summary>
internal static class Profile
{
    private const int Runs = 8;

    /// <summary>
    /// Runs the graph eight times and prints the milliseconds of each operator by provider, each node's shortest. On a GPU set
    /// CUDA_LAUNCH_BLOCKING=1, or what is measured is how long work takes to be queued.
    /// </summary>
    public static void Run(string folder, string network, string mode, int count, string form)
    {
        var compiled = Steps.Compile(folder, network, mode);
        var program = compiled.Program;
        using var options = new SessionOptions { IntraOpNumThreads = 2, EnableProfiling = true, LogSeverityLevel = OrtLoggingLevel.ORT_LOGGING_LEVEL_ERROR, ProfileOutputPathPrefix = Path.Combine(folder, "profile") };
        options.AddSessionConfigEntry("session.intra_op.allow_spinning", "0");
        Steps.ProviderOf(form).AddTo(options);
        if (form == Peers.Ours)
        {
            options.GraphOptimizationLevel = GraphOptimizationLevel.ORT_ENABLE_EXTENDED;
            CustomDomain.Register(options);
        }

        using var session = new InferenceSession(program.In(Steps.FormOf(form)).Gradients.ToBytes(), options);
        var inputs = Steps.Inputs(compiled, Steps.Batch(program, count));
        using var run = new RunOptions();
        for (var i = 0; i < Runs; i++)
        {
            session.Run(run, inputs, session.OutputNames).Dispose();
        }

        var path = session.EndProfiling();
        var events = JsonDocument.Parse(File.ReadAllText(path)).RootElement.EnumerateArray()
            .Where(entry => entry.GetProperty("cat").GetString() == "Node" && entry.GetProperty("name").GetString()!.EndsWith("_kernel_time", StringComparison.Ordinal)).ToList();
        File.Delete(path);
        var nodes = events.GroupBy(entry => entry.GetProperty("name").GetString()!).Select(node => (
            Op: $"{Argument(node, "provider").Replace("ExecutionProvider", string.Empty, StringComparison.Ordinal)} {Argument(node, "op_name")}", Milliseconds: node.Min(entry => entry.GetProperty("dur").GetDouble()) / 1000)).ToList();
        Console.WriteLine($"{network}, {mode}, {form}: {nodes.Sum(node => node.Milliseconds):F0} ms");
        foreach (var (op, total, number) in nodes.GroupBy(node => node.Op).Select(group => (group.Key, Total: group.Sum(node => node.Milliseconds), group.Count())).OrderByDescending(group => group.Total).Take(16))
        {
            Console.WriteLine($"{op} x {number}: {total:F1}");
        }
    }

    private static string Argument(IEnumerable<JsonElement> node, string name) => node.First().GetProperty("args").GetProperty(name).GetString()!;
}
