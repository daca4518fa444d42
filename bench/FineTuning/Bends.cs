using System.Runtime.InteropServices;
using Microsoft.ML.OnnxRuntime;
using OnnxTransfer.Engine;
using OnnxTransfer.FineTuning;
using OnnxTransfer.Onnx;
using OnnxTransfer.Onnx.Protos;

namespace OnnxTransfer.Bench.FineTuning;

/// <summary>
/// On which side of its bends a step is: where a ReLU passes, and which position a pooling takes. Libraries round differently, so a
/// value that is 0 but for rounding falls on one side with one and on the other with another, and gradients differ by all that this
/// position carries. On the same bends they differ by rounding alone.
/// </summary>
internal static class Bends
{
    /// <summary>
    /// Makes the first gradients once more, with what ReLUs made and poolings were given among the outputs, and writes the latter, in
    /// the order of the network, to NETWORK-MODE-BATCH.bends.
    /// </summary>
    /// <exception cref="OnnxTransferException">Mathematics: the gradients are not, bit for bit, those that the step itself left in its file.</exception>
    public static void Write(string folder, string network, string mode, int count, string form)
    {
        var compiled = Steps.Compile(folder, network, mode);
        var (graph, gradients) = compiled.Program.In(Steps.FormOf(form));
        string[] bends = [.. OnnxModel.Read(Path.Combine(folder, network + ".onnx")).Proto.Graph.Node.Select(Tensor).OfType<string>()];
        string[] outputs = [.. gradients.Concat(compiled.Program.Statistics.Select(static statistic => statistic.Next)).Concat(bends).Distinct()];
        using var session = Runtime.Open(Cut.At(graph, outputs), threads: 2, configure: form == Peers.Ours ? GraphEngine.Configure : null, provider: Steps.ProviderOf(form));
        using var options = new RunOptions();
        using var made = session.Run(options, Steps.Inputs(compiled, Steps.Batch(compiled.Program, count)), outputs);
        var values = outputs.Zip(made).ToDictionary(static pair => pair.First, static pair => pair.Second, StringComparer.Ordinal);
        var names = compiled.Program.Parameters.Select(static parameter => parameter.Name).Zip(gradients).OrderBy(static pair => pair.First, StringComparer.Ordinal);
        var step = File.ReadAllBytes(Path.Combine(folder, $"{network}-{mode}-{count}.{form}")).AsSpan();
        foreach (var (parameter, gradient) in names)
        {
            var bytes = Bytes(values[gradient]);
            if (!step[..bytes.Length].SequenceEqual(bytes))
            {
                throw new OnnxTransferException(FailureKind.Mathematics, $"With bends among the outputs of {network} the gradient of '{parameter}' is another; they say nothing of the step.");
            }

            step = step[bytes.Length..];
        }

        using var file = File.Create(Path.Combine(folder, $"{network}-{mode}-{count}.bends"));
        foreach (var tensor in bends)
        {
            file.Write(Bytes(values[tensor]));
        }
    }

    private static string? Tensor(NodeProto node) => node.OpType switch
    {
        "Relu" or "Clip" => node.Output[0],
        "MaxPool" => node.Input[0],
        _ => null,
    };

    private static ReadOnlySpan<byte> Bytes(OrtValue value) => MemoryMarshal.AsBytes(value.GetTensorDataAsSpan<float>());
}
