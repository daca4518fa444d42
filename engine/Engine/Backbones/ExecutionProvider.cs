using Microsoft.ML.OnnxRuntime;

namespace OnnxTransfer.Engine;

/// <summary>What networks run on: an execution provider of ONNX Runtime.</summary>
/// <remarks>
/// Providers round in different orders, so their codes differ in the last bits; a store of codes and a checkpoint are made with one of
/// them. Every cut network is proved against the full one on the processor, whatever it runs on.
/// </remarks>
public sealed class ExecutionProvider
{
    private static readonly ExecutionProvider[] All =
    [
        new("cpu", "CPUExecutionProvider", "Cpu", 1, static _ => { }), new("cuda", "CUDAExecutionProvider", "Cuda", 32, AppendCuda),
    ];

    private readonly string memory;
    private readonly Action<SessionOptions> append;

    private ExecutionProvider(string name, string registeredName, string memory, int batch, Action<SessionOptions> append) =>
        (Name, RegisteredName, this.memory, Batch, this.append) = (name, registeredName, memory, batch, append);

    /// <summary>The processor: every build has it.</summary>
    public static ExecutionProvider Cpu => All[0];

    /// <summary>The first GPU of NVIDIA, by a build with <c>-p:OrtPackage=Microsoft.ML.OnnxRuntime.Gpu.Linux</c> (or <c>.Gpu.Windows</c>).</summary>
    public static ExecutionProvider Cuda => All[1];

    /// <summary>Its name on the command line.</summary>
    public string Name { get; }

    /// <summary>Its name in ONNX Runtime.</summary>
    public string RegisteredName { get; }

    /// <summary>Images per run of a network that make good use of it, where nobody says another number.</summary>
    public int Batch { get; }

    /// <summary>The provider of a name.</summary>
    /// <exception cref="OnnxTransferException"><see cref="FailureKind.Usage"/>: there is none; the names are told.</exception>
    public static ExecutionProvider Named(string name) => Array.Find(All, provider => provider.Name == name)
        ?? throw new OnnxTransferException(
            FailureKind.Usage, $"There is no execution provider '{name}'; choose {string.Join(" or ", All.Select(provider => provider.Name))}.");

    /// <summary>Where its tensors lie.</summary>
    internal OrtMemoryInfo MemoryInfo() => new(memory, OrtAllocatorType.ArenaAllocator, 0, OrtMemType.Default);

    /// <summary>Makes it the first provider of the sessions opened with the options; what it cannot run, the processor runs.</summary>
    /// <exception cref="OnnxRuntimeException">The library of the provider cannot be loaded.</exception>
    internal void AddTo(SessionOptions options) => append(options);

    private static void AppendCuda(SessionOptions options)
    {
        // Products in full float32, and convolutions chosen by rule: a choice by timing would round differently from run to run.
        using var cuda = new OrtCUDAProviderOptions();
        cuda.UpdateOptions(new Dictionary<string, string> { ["device_id"] = "0", ["use_tf32"] = "0", ["cudnn_conv_algo_search"] = "HEURISTIC" });
        options.AppendExecutionProvider_CUDA(cuda);
    }
}
